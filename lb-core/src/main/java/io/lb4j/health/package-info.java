/**
 * Whether a backend may get connections at all: {@link io.lb4j.health.HealthChecker} and when it runs.
 *
 * <p><b>Checks that do not return.</b> The deadline of a check is kept from outside: one still running when its timeout
 * ends counts as failed and its thread is interrupted. One that ignores the interrupt keeps its thread, and its backend is
 * not checked again, until it returns, but whenever it should have been counts as failed once more; its late result is
 * dropped. Until then it is one of those that run, of which there is {@linkplain
 * io.lb4j.health.HealthCheckPolicy.Builder#concurrency a bound}. Backends whose last check timed out share a quarter of
 * that, so that those which hang do not delay the others.
 *
 * <p>Threads that never come back can fill three quarters. Then backends that have never been checked, and those whose last
 * check timed out, are not checked any more, which is logged, and keep the status they have; the last quarter goes on
 * checking those whose checks return. Where these begin to hang as well, until no thread is left, nobody is checked.
 *
 * <p><b>Checks that speak to a backend</b>, of those that {@link io.lb4j.health.HealthChecker} brings, read at most 65,536
 * bytes in all. They end the connection with FIN, and wait for the backend's FIN up to one second, and never longer than
 * half of the time that is left. A backend with an endless answer is reset.
 *
 * <p><b>What they leave behind</b>, in logs and counters of backends:
 *
 * <ul>
 *   <li>{@code tcpConnect}, on Linux: nothing, on loopback too. The backend's answer to the first packet is enough; it is
 *       not acknowledged but answered with a reset. Only when this process is kept from running for some 200 ms at that
 *       very moment is there a connection, and it is reset. On other systems there is one, which ends with FIN.
 *   <li>{@code postgres}: nothing is logged where {@code pg_hba.conf} asks for a password, and the user need not exist:
 *       {@code host all lb4j 10.0.0.0/24 scram-sha-256} is such a line, where the general ones are not. With {@code trust},
 *       user and database have to exist; where no line fits (only {@code hostssl}, say) each check leaves a FATAL line in
 *       the log, and is healthy. {@code log_connections} has its lines for a check, too.
 *   <li>{@code mysql}: nothing is logged, and {@code Connections} counts one more. Where the user is refused, or TLS is
 *       required of him, each check counts as one of {@code Aborted_connects} and is logged, but does not bring {@code
 *       max_connect_errors} nearer. There is no check without a user that leaves no trace, but for {@code tcpConnect}:
 *       whoever reads the greeting and leaves counts as aborted, however he leaves.
 *   <li>{@code redis}: nothing is logged below the level {@code verbose}, no error counted.
 *   <li>{@code ldap}: five lines with OpenLDAP's log level {@code stats}.
 *   <li>{@code mqtt}: three lines of Mosquitto, as for each client, unless {@code connection_messages} is off.
 * </ul>
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.health;

import org.jspecify.annotations.NullMarked;
