package io.lb4j.event;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Plain;
import io.lb4j.tls.TlsFacts;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A listener that logs one line at INFO for each connection, when it has ended. Every field is escaped: no name and no
 * message of an exception can begin a line or a field of its own.
 *
 * <p>{@link #to} logs names and values:
 *
 * <pre>
 * id=17 client=10.0.0.9:51234 frontend=0.0.0.0:8080 pool=default backend=blue-1 address=10.0.0.1:9000 attempts=1
 *   queue=0.000ms connect=0.412ms first_byte=1.200ms duration=35.087ms to_backend=120 to_client=4210 reason=COMPLETED
 *   phase=FINISHED ended_by=CLIENT code=-- cause=-
 * </pre>
 *
 * (in one line). Bytes are bytes, {@code -} is nothing, and a value with a space, a quote, an equals sign or anything but
 * printable ASCII is in quotes, with {@code \"}, {@code \\} and <code>&#92;uXXXX</code> for what needs it. The pool is that of
 * the backend: of a connection that got none it is not told. Where a proxy has said by the PROXY protocol who the client is,
 * there is {@code peer=}, the address of that proxy, behind him; where the client has named a host by TLS, and his frontend
 * looked, there is {@code server_name=}, behind the frontend.
 *
 * <p>{@link #haproxy} logs what HAProxy's {@code option tcplog} does, for tools that read that. The lengths of the queues are
 * always 0, the time in them is not; connections are counted from when this listener was added; the accepted time is in the zone
 * of this JVM; and the server is {@code <NOSRV>} when no attempt succeeded, even if some failed.
 *
 * <p>It logs on the event loops. A logger that blocks belongs behind {@link LoadBalancerListener#async}.
 */
public final class AccessLog implements LoadBalancerListener {
    private final Logger logger;

    /** Null for the readable format. */
    private final @Nullable TcpLog tcplog;

    private AccessLog(Logger logger, @Nullable TcpLog tcplog) {
        this.logger = Checks.notNull("logger", logger);
        this.tcplog = tcplog;
    }

    /** Logs names and values. */
    public static AccessLog to(Logger logger) {
        return new AccessLog(logger, null);
    }

    /**
     * Logs in the format of HAProxy's {@code option tcplog}. What HAProxy calls the frontend is the frontend's name, what it
     * calls the backend is the name of the pool, and what it calls the server is the id of the backend. The pool of a
     * connection that got no backend is the name of the frontend again, as HAProxy has it where no backend was chosen. In
     * names, everything but printable ASCII without space, slash and quote is an underscore.
     */
    public static AccessLog haproxy(Logger logger) {
        return new AccessLog(logger, new TcpLog(null));
    }

    /**
     * Logs in the format of HAProxy's {@code option tcplog}, with one name for all frontends and pools, whose connections
     * are counted together.
     *
     * @param name of the frontend and the backend, as HAProxy calls them
     */
    public static AccessLog haproxy(Logger logger, String name) {
        return new AccessLog(logger, new TcpLog(Plain.word(Checks.notNull("name", name))));
    }

    @Override
    public void connectionAccepted(ConnectionAccepted event) {
        if (tcplog != null) {
            tcplog.accepted(event);
        }
    }

    @Override
    public void connectionOpened(ConnectionOpened event) {
        if (tcplog != null) {
            tcplog.opened(event);
        }
    }

    @Override
    public void connectionClosed(ConnectionSummary summary) {
        if (tcplog != null) {
            // It counts those that are not logged too.
            String line = tcplog.closed(summary);
            logger.info("{}", line);
        } else if (logger.isInfoEnabled()) {
            logger.info("{}", readable(summary));
        }
    }

    private static String readable(ConnectionSummary summary) {
        return "id=" + summary.id()
                + " client=" + Hosts.join(summary.clientAddress())
                + (summary.peerAddress().equals(summary.clientAddress())
                        ? ""
                        : " peer=" + Hosts.join(summary.peerAddress()))
                + " frontend=" + Plain.value(summary.frontend())
                + (summary.serverName() == null ? "" : " server_name=" + Plain.value(summary.serverName()))
                + tls(summary.tls())
                + " pool="
                + (summary.backend() == null
                        ? "-"
                        : Plain.value(summary.backend().pool()))
                + " backend="
                + (summary.backend() == null
                        ? "-"
                        : Plain.value(summary.backend().id()))
                + " address=" + (summary.backendAddress() == null ? "-" : Hosts.join(summary.backendAddress()))
                + " attempts=" + summary.attempts()
                + " queue=" + millis(summary.queueTime())
                + " connect=" + (summary.backend() == null ? "-" : millis(summary.connectTime()))
                + " first_byte=" + (summary.timeToFirstByte() == null ? "-" : millis(summary.timeToFirstByte()))
                + " duration=" + millis(summary.duration())
                + " to_backend=" + summary.bytesToBackend()
                + " to_client=" + summary.bytesToClient()
                + " reason=" + summary.reason()
                + " phase=" + summary.phase()
                + " ended_by=" + summary.endedBy()
                + " code=" + summary.terminationCode()
                + " cause=" + (summary.cause() == null ? "-" : Plain.value(message(summary.cause())));
    }

    private static String tls(@Nullable TlsFacts tls) {
        if (tls == null) {
            return "";
        }
        return " tls=" + tls.protocol()
                + " cipher=" + tls.cipherSuite()
                + tls.applicationProtocol()
                        .map(agreed -> " alpn=" + Plain.value(agreed))
                        .orElse("")
                + tls.peerCertificates().stream()
                        .findFirst()
                        .map(own -> " client_certificate="
                                + Plain.value(own.getSubjectX500Principal().getName()))
                        .orElse("");
    }

    private static String millis(Duration duration) {
        long micros = TimeUnit.NANOSECONDS.toMicros(duration.toNanos());
        String thousandths = String.valueOf(1000 + micros % 1000);
        return micros / 1000 + "." + thousandths.substring(1) + "ms";
    }

    private static String message(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
