/**
 * An embeddable Layer-4 TCP load balancer.
 *
 * <p>Reading order: {@link io.lb4j.LoadBalancer} and its builder, {@link io.lb4j.Pool}; {@code backend} (the value everything talks about) and {@code access} (who may come in), {@code preface} (what a client says first);
 * {@code selection}, {@code health} and {@code discovery} (what users implement); {@code event} and {@code stats} (what users read);
 * {@code proxy} (the engine: accepting, routing, connecting), with {@code internal.relay} (the bytes of a connection) and
 * {@code internal.loop} (what an event loop is made of); then the control plane, {@code internal.pool}, {@code internal.health} and {@code internal.discovery}.
 * {@code admin}, {@code jmx} and {@code micrometer} are users of the rest, and optional.
 *
 * <p>Threads of a balancer named {@code N}, all of them daemons:
 *
 * <table>
 * <caption>Threads</caption>
 * <tr><th>thread</th><th>count</th><th>owns</th><th>blocks</th></tr>
 * <tr><td>{@code lb-N-io-i}</td><td>1, and {@code eventLoops} from the first connection on</td>
 * <td>its listening sockets, selector, connections, buffer, deadlines, counters</td><td>in {@code select} only</td></tr>
 * <tr><td>{@code lb-N-control}</td><td>1</td><td>the schedule and the results of checks, ejections, drains of backends;
 * events of backends</td><td>when a listener does</td></tr>
 * <tr><td>{@code lb-N-health-i}</td><td>as few as will do, at most {@code concurrency} for each
 * pool, by default 64</td><td>one
 * running check</td><td>yes, at most for the timeout, then it is interrupted</td></tr>
 * <tr><td>{@code lb-N-discovery-i}</td><td>as few as will do, at most one for each discovery</td><td>one running call</td><td>yes, at most for the
 * timeout, then it is interrupted</td></tr>
 * <tr><td>{@code lb-N-resolver-i}</td><td>at most 16, and one for names that failed or were slow</td><td>one look-up of a
 * host name</td><td>yes</td></tr>
 * <tr><td>{@code lb-N-sockets-0}</td><td>1, while it is wanted</td><td>one look into the kernel's table of sockets</td>
 * <td>yes</td></tr>
 * <tr><td>{@code lb-N-files-0}</td><td>1, while access rules are in a file</td><td>one look into such a file</td>
 * <td>yes</td></tr>
 * <tr><td>{@code lb-N-promise}</td><td>at most 32, for a moment</td><td>one future of a user, whom it completes</td>
 * <td>when what depends on it does</td></tr>
 * <tr><td>{@code lb-N-admin}</td><td>1, with an admin server</td><td>its listening socket, requests, and what it
 * remembers</td><td>in {@code select} only</td></tr>
 * </table>
 *
 * <p>And one for all balancers of a process, {@code lb-watch}: looks once a second whether listeners, selectors and routers
 * return, and says who does not, while he does not.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j;

import org.jspecify.annotations.NullMarked;
