package io.lb4j.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Hosts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A backend for each address of one name, asked of a name server, or of the JDK where there is none. */
final class DnsDiscovery implements BackendDiscovery {
    /** IPv4 before IPv6, then by number: name servers shuffle their answers. */
    private static final Comparator<InetAddress> BY_NUMBER = Comparator.comparingInt(
                    (InetAddress address) -> address.getAddress().length)
            .thenComparing(InetAddress::getAddress, Arrays::compareUnsigned);

    private final String host;
    private final int port;
    private final @Nullable NameServer server;

    DnsDiscovery(String host, int port, @Nullable NameServer server) {
        this.host = Backend.of(host, port).host();
        this.port = port;
        this.server = server;
        if (server != null && Hosts.literal(this.host) == null) {
            NameServer.checkName("host", this.host);
        }
    }

    @Override
    public List<Backend> discover() throws IOException, InterruptedException {
        return backends(addresses(), port);
    }

    /** One backend for each different address, in an order that depends on nothing but the addresses. */
    static List<Backend> backends(Collection<InetAddress> addresses, int port) {
        TreeSet<InetAddress> sorted = new TreeSet<>(BY_NUMBER);
        sorted.addAll(addresses);
        return sorted.stream()
                .map(address -> Backend.of(Hosts.text(address), port))
                .toList();
    }

    private Collection<InetAddress> addresses() throws IOException, InterruptedException {
        InetAddress literal = Hosts.literal(host);
        if (literal != null) {
            return List.of(literal);
        }
        return server == null ? askJdk() : ask(server);
    }

    private Collection<InetAddress> askJdk() throws IOException {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException failure) {
            throw new IOException("cannot look up a host: " + failure.getMessage(), failure);
        }
    }

    private Collection<InetAddress> ask(NameServer nameServer) throws IOException, InterruptedException {
        try (DnsQuestions questions = nameServer.open()) {
            return questions.addresses(host);
        }
    }

    @Override
    public String toString() {
        return "dns(" + Hosts.join(host, port) + (server == null ? "" : server.suffix()) + ")";
    }
}
