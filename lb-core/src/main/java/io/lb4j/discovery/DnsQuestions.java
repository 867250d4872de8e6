package io.lb4j.discovery;

import io.lb4j.internal.util.Hosts;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import javax.naming.CompositeName;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.spi.NamingManager;
import org.jspecify.annotations.Nullable;

/** Some questions to one name server, one after another, through the JDK's DNS provider for JNDI, which has no cache. */
final class DnsQuestions implements AutoCloseable {
    /*
     * A question is sent twice and given up after 1 s and another 2 s: a server that is gone is noticed within the
     * default timeout of a discovery. The provider knows no interrupt: JDK 17 waits on, JDK 25 spins to the end of the
     * wait. So these numbers also bound how long a call goes on after its timeout; between two questions the interrupt
     * is looked for.
     *
     * The provider's own context is asked, and not through an InitialContext: that one takes a name, whether String or
     * Name, for a URL when it begins like one, and would ask whoever ldap://host:port/x says. What is asked for may have
     * come from an answer.
     */
    private static final String FIRST_WAIT_MILLIS = "1000";
    private static final String TIMES_SENT = "2";

    private final DirContext context;
    private final String server;

    DnsQuestions(String url, String server) throws IOException {
        this.server = server;
        Properties settings = new Properties();
        settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        settings.put(Context.PROVIDER_URL, url);
        settings.put("com.sun.jndi.dns.timeout.initial", FIRST_WAIT_MILLIS);
        settings.put("com.sun.jndi.dns.timeout.retries", TIMES_SENT);
        try {
            context = (DirContext) NamingManager.getInitialContext(settings);
        } catch (NamingException failure) {
            throw new IOException("cannot ask " + server + ": " + describe(failure), failure);
        }
    }

    /**
     * The addresses of a host, both families; none when there is none.
     *
     * @throws IOException also when the host is the alias of something that has none
     */
    Collection<InetAddress> addresses(String host) throws IOException, InterruptedException {
        List<InetAddress> addresses = new ArrayList<>();
        // One type at a time: a question for both would be sent as one for ANY, which servers refuse to answer in full.
        for (String address : records(host, "A", "AAAA")) {
            addresses.add(parsed(host, address));
        }
        return addresses;
    }

    /**
     * The records of these types, as text; none when the name does not exist or has none.
     *
     * @throws IOException also when the name is the alias of something that has none. That is no answer yet: somebody
     *     says that there is something, and where, and the server did not get to it, or it is not there for now. JNDI
     *     shows neither the alias nor what is said of its target, so it is asked for by itself
     */
    List<String> records(String name, String... types) throws IOException, InterruptedException {
        List<String> records = new ArrayList<>();
        for (String type : types) {
            records.addAll(ask(name, type));
        }
        if (records.isEmpty()) {
            refuseAlias(name, String.join(" and ", types));
        }
        return records;
    }

    private void refuseAlias(String name, String types) throws IOException, InterruptedException {
        List<String> targets = ask(name, "CNAME");
        if (!targets.isEmpty()) {
            throw new IOException(server + " answered for " + types + " of " + name + " that it is an alias of "
                    + targets.get(0) + ", and nothing of that");
        }
    }

    /** Never looked up: what an answer spells is an address, or nonsense. */
    private InetAddress parsed(String host, String address) throws IOException {
        InetAddress literal = Hosts.literal(address);
        if (literal == null) {
            throw new IOException(server + " answered \"" + address + "\" for " + host + " (expected: an address)");
        }
        return literal;
    }

    /**
     * The records of one type, as text; none when the name does not exist or has none. What JNDI is feared for, making
     * objects of what a directory sends, needs a provider and a method that do so: the one for DNS makes strings.
     */
    @SuppressWarnings("BanJNDI")
    List<String> ask(String name, String type) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before the question for " + type + " of " + name);
        }
        try {
            return texts(
                    context.getAttributes(asOneName(name), new String[] {type}).get(type));
        } catch (NameNotFoundException none) {
            return List.of();
        } catch (NamingException failure) {
            throw new IOException("cannot ask " + server + " for " + type + " of " + name + ": " + describe(failure));
        }
    }

    /** Not parsed: JNDI's own syntax of slashes and quotes plays no part. */
    private static Name asOneName(String name) throws NamingException {
        return new CompositeName().add(name);
    }

    private static List<String> texts(@Nullable Attribute records) throws NamingException {
        if (records == null) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (Object record : Collections.list(records.getAll())) {
            texts.add(String.valueOf(record));
        }
        return texts;
    }

    private static String describe(NamingException failure) {
        Throwable cause = failure.getRootCause();
        if (cause == null) {
            return String.valueOf(failure.getMessage());
        }
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return failure.getMessage() + " (" + why + ")";
    }

    @Override
    public void close() {
        try {
            context.close();
        } catch (NamingException ignored) {
            // Its sockets are released whatever it reports, and there is nobody to tell.
        }
    }
}
