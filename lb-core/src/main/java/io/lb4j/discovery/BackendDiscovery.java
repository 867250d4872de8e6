package io.lb4j.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.NoHandle;
import java.nio.file.Path;
import java.util.List;

/**
 * Finds out which backends there are. Plain blocking Java: the balancer asks, every
 * {@link DiscoveryPolicy#interval() interval}, and an answer is the whole list, not a change to it.
 *
 * <p>Runs on a thread of its own, never on an event loop and never twice at once for one balancer; an implementation
 * that is given to several balancers must be thread-safe. The deadline is kept from outside: a call still running when
 * its {@link DiscoveryPolicy#timeout() timeout} ends counts as failed and its thread is interrupted. A call that
 * ignores the interrupt keeps its thread, and the balancer does not ask again, until it returns; its late result is
 * dropped.
 *
 * <p>Nothing that goes wrong here takes a backend away: after a failure, a timeout or, by default, an empty answer the
 * balancer keeps the last good list. What happens is logged when it begins and when it is over, not each time.
 *
 * <p>A lambda does: {@code () -> registry.instances("orders").stream().map(i -> Backend.of(i.ip(), i.port())).toList()}.
 * A source that knows when something changes also implements {@link #watch}, and is then asked at that moment.
 */
@FunctionalInterface
public interface BackendDiscovery {
    /**
     * All backends there are now.
     *
     * <p>The order does not matter: two answers with the same backends are the same answer. Where two backends of an
     * answer have the same id, or the same host and port, the first of them is taken and the others are left out.
     *
     * @return the backends; empty when it is certain that there is none. It is copied at once. Null, or null in it,
     *     counts as a failure
     * @throws Exception it could not be found out; the message is shown to people. An {@code Error} counts the same
     */
    List<Backend> discover() throws Exception;

    /**
     * Begins to tell of changes, for a source that learns of them: a registry with watches, a stream, a listener. Each time
     * {@code changed} is run, {@link #discover} is called: at once, or 100 ms after the begin of the call before, so that a
     * flood of changes costs ten calls a second and a change told of during a call brings one more. It is asked every
     * {@link DiscoveryPolicy#interval() interval} all the same, so that a change which nobody told of is found then.
     *
     * <p>A source that is sent lists keeps the last one and answers with it. One that has lost its registry runs
     * {@code changed} and throws when it is asked: the last good list stays, and that is said at once instead of with the
     * next interval. {@link DiscoveryPolicy#vanishedAfter() vanishedAfter} holds here as well: a source that is always right
     * sets it to zero.
     *
     * <p>Called as part of the first call, before {@code discover} on the same thread, and within the same timeout. When it
     * throws, that is said once, the source is asked nevertheless, and this is tried again with the next call; once it has
     * returned it is not called again for the same balancer. By default there is nothing to watch.
     *
     * @param changed from any thread, event loops included, and as often as the source likes; it returns at once and
     *     throws nothing. Does nothing once the balancer is closed
     * @return what ends it: closed when the balancer closes, on the thread that asks,
     *     behind a call that runs; {@code LoadBalancer.close()} interrupts it after the 2 s for which it waits
     * @throws Exception it cannot be watched now; the message is shown to people
     */
    default AutoCloseable watch(Runnable changed) throws Exception {
        return NoHandle.INSTANCE;
    }

    /**
     * Always these backends. For tests, and where a choice between discoveries may come down to a plain list.
     *
     * @param backends copied; later changes to the list are not seen
     * @throws NullPointerException when the list, or one of its elements, is null
     */
    static BackendDiscovery fixed(List<Backend> backends) {
        return new FixedDiscovery(backends);
    }

    /**
     * One backend for each address of a host name, IPv4 and IPv6, all on one port. The id of each is
     * {@code address:port}, the same as when it is given by hand, and its weight 1; a machine with an address of either family is two backends.
     *
     * <p>The name is looked up as everything on this machine looks names up: hosts file, search domains, name
     * servers. The price is the JDK's cache, which knows nothing of the record's TTL: an answer is used for 30 s
     * (security property {@code networkaddress.cache.ttl}; -1 there means for ever), so asking more often than that
     * brings nothing. Where changes must be seen sooner, or the name server is another than the machine's, use
     * {@link #dns(String, int, String, int)} or {@link #dnsSrv(String)}, which have no cache.
     *
     * <p>The JDK does not tell an unknown name from a name server in trouble: both are failures, and the last good list
     * stays. An answer is never empty.
     *
     * @param host a host name; an address is its own answer
     * @param port 1..65535
     * @throws IllegalArgumentException when host or port is one that {@link Backend#of} refuses
     */
    static BackendDiscovery dns(String host, int port) {
        return new DnsDiscovery(host, port, null);
    }

    /**
     * One backend for each address of a host name, IPv4 and IPv6, as told by this name server. Like
     * {@link #dns(String, int)}, but every call asks the name server, so an answer is as fresh as the server's, which
     * keeps to the TTL. Hosts file and search domains play no part: the name must be complete.
     *
     * <p>A name that the server says does not exist, or has no address, is an empty answer. A server that says nothing,
     * or that it cannot tell, is a failure, and so is the alias (CNAME) of a name without an address. Needs the JDK's
     * module {@code jdk.naming.dns}.
     *
     * @param host a complete host name: letters, digits, hyphens and underscores between dots; an address is its own
     *     answer
     * @param port 1..65535, of the backends
     * @param nameServer host name or address of the name server
     * @param nameServerPort 1..65535, usually 53
     * @throws IllegalArgumentException when an argument is not as said above
     * @throws IllegalStateException when this runtime has no module {@code jdk.naming.dns}
     */
    static BackendDiscovery dns(String host, int port, String nameServer, int nameServerPort) {
        return new DnsDiscovery(host, port, NameServer.at(nameServer, nameServerPort));
    }

    /**
     * The backends that the SRV records of a name tell, ports and weights included, asked of this machine's name
     * servers without a cache in between. The hosts that the records name are looked up at the same servers, IPv4 and
     * IPv6, and each of their addresses is one backend with the id {@code address:port} and the label {@code host}.
     *
     * <ul>
     *   <li><em>Weight</em>: as in the record, 0 becoming 1, because an SRV weight of 0 means "least", not "none" (RFC
     *       2782). When a weight of the answer is over 1000, all those of the same priority are scaled down to 1..1000.
     *   <li><em>Priority</em>: as in the record, the lowest number being preferred. When one of the answer is over 100,
     *       the priorities are numbered 0, 1, 2 and so on in their order; beyond 100 they count as 100.
     *   <li>The target "." means that the service is not offered here, and a host without an address is left out.
     *   <li>A target that is no host name (letters, digits, hyphens and underscores between dots) makes the whole answer
     *       a failure, as a bad line does with a {@linkplain #file file}; nobody is asked for it.
     * </ul>
     *
     * <p>A name that does not exist is an empty answer; a server that says nothing, or that it cannot tell, is a
     * failure, and so is the alias (CNAME) of a name without records, be it this name or a host of its records. A call
     * asks one question for the records and two for each host, one after another, and one more where there was nothing;
     * truncated answers are asked for again over TCP. Hosts file and search domains play no part: the name must be complete. Needs the
     * JDK's module {@code jdk.naming.dns}.
     *
     * <ul>
     *   <li><em>Kubernetes</em>: a headless service with a named port, and from a pod
     *       {@code dnsSrv("_http._tcp.orders.shop.svc.cluster.local")} for the port {@code http} of the service
     *       {@code orders} in the namespace {@code shop}: one record for each ready pod.
     *   <li><em>Consul</em>: {@code dnsSrv("orders.service.consul", "127.0.0.1", 8600)} asks the local agent, which
     *       answers with the instances whose checks do not fail, and says that the name does not exist when there is
     *       none.
     *   <li><em>AWS Cloud Map</em>: a service with SRV records and the routing policy MULTIVALUE, and
     *       {@code dnsSrv("orders.shop.internal")} from inside its VPC. An answer holds at most eight instances: with
     *       more of them, ask its API from a lambda.
     * </ul>
     *
     * @param name a complete name, such as {@code _http._tcp.example.com}: letters, digits, hyphens and underscores
     *     between dots
     * @throws IllegalArgumentException when the name is not such a name
     * @throws IllegalStateException when this runtime has no module {@code jdk.naming.dns}
     */
    static BackendDiscovery dnsSrv(String name) {
        return new SrvDiscovery(name, NameServer.ofThisMachine());
    }

    /**
     * The same as {@link #dnsSrv(String)}, asked of this name server: for a name server that this machine does not use,
     * such as Consul's, or another view of a name.
     *
     * @param name a complete name: letters, digits, hyphens and underscores between dots
     * @param nameServer host name or address of the name server
     * @param nameServerPort 1..65535, usually 53
     * @throws IllegalArgumentException when an argument is not as said above
     * @throws IllegalStateException when this runtime has no module {@code jdk.naming.dns}
     */
    static BackendDiscovery dnsSrv(String name, String nameServer, int nameServerPort) {
        return new SrvDiscovery(name, NameServer.at(nameServer, nameServerPort));
    }

    /**
     * The backends that a text file lists, one on each line: {@code host:port}, an IPv6 address in brackets, and
     * behind it, after commas, whatever is not as {@link Backend#of} has it.
     *
     * <pre>{@code
     * # blue
     * 10.0.0.1:9000
     * 10.0.0.2:9000,weight=3,id=blue-2,label.zone=b
     * [fd00::3]:9000,priority=1    # only when the others are down
     * }</pre>
     *
     * <p>{@code weight} is 0..1000, {@code priority} 0..100 with 0 preferred, {@code proxy} is {@code v1} or {@code v2} where
     * the backend is {@linkplain Backend#withProxyProtocol told} who its clients are. Empty lines, and what follows a # at the
     * begin of a line or after a blank, say nothing. UTF-8, at most 1 MiB, lines of at most 4096 characters.
     *
     * <p>The file is read whole by every call, so a change is seen however it was made. A file with one bad line is
     * refused as a whole, naming the line; the last good list stays. So it does while the file is missing, and while
     * its last line, be it a comment, has no line break behind it: that is taken for a file that is still being written,
     * for half a line can be a whole one of its own. A file that is cut between two lines cannot be told from a whole
     * one, so replace the file by renaming another onto it, and do not write it in place.
     *
     * @param file the file; a relative path is taken from where the JVM was started
     * @throws NullPointerException when the file is null
     */
    static BackendDiscovery file(Path file) {
        return new FileDiscovery(file);
    }
}
