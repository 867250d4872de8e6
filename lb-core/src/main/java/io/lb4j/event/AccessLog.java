package io.lb4j.event;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Plain;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A listener that logs one line at INFO for each connection, when it has ended. Every field is escaped: no name and no
 * message of an exception can begin a line or a field of its own.
 *
 * <p>{@link #to} logs names and values:
 *
 * <pre>
 * id=17 client=10.0.0.9:51234 backend=blue-1 address=10.0.0.1:9000 attempts=1 queue=0.000ms connect=0.412ms
 *   first_byte=1.200ms duration=35.087ms to_backend=120 to_client=4210 reason=COMPLETED phase=FINISHED ended_by=CLIENT code=-- cause=-
 * </pre>
 *
 * (in one line). Bytes are bytes, {@code -} is nothing, and a value with a space, a quote, an equals sign or anything but
 * printable ASCII is in quotes, with {@code \"}, {@code \\} and <code>&#92;uXXXX</code> for what needs it.
 *
 * <p>{@link #haproxy} logs what HAProxy's {@code option tcplog} does, for tools that read that. The lengths of the queues are
 * always 0, the time in them is not; connections are counted from when this listener was added; the accepted time is in the zone
 * of this JVM; and the server is {@code <NOSRV>} when no attempt succeeded, even if some failed.
 *
 * <p>It logs on the event loops. A logger that blocks belongs behind {@link LoadBalancerListener#async}.
 */
public final class AccessLog implements LoadBalancerListener {
    private static final DateTimeFormatter ACCEPTED =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

    private final Logger logger;

    /** What HAProxy would call the frontend, or null for the readable format. */
    private final @Nullable String frontend;

    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final Map<String, Integer> openedOfBackend = new ConcurrentHashMap<>();

    private AccessLog(Logger logger, @Nullable String frontend) {
        this.logger = Checks.notNull("logger", logger);
        this.frontend = frontend;
    }

    /** Logs names and values. */
    public static AccessLog to(Logger logger) {
        return new AccessLog(logger, null);
    }

    /**
     * Logs in the format of HAProxy's {@code option tcplog}.
     *
     * @param name of the frontend and the backend, as HAProxy calls them
     */
    public static AccessLog haproxy(Logger logger, String name) {
        return new AccessLog(logger, Plain.word(Checks.notNull("name", name)));
    }

    @Override
    public void connectionAccepted(ConnectionAccepted event) {
        if (frontend != null) {
            accepted.incrementAndGet();
        }
    }

    @Override
    public void connectionOpened(ConnectionOpened event) {
        if (frontend != null) {
            opened.incrementAndGet();
            openedOfBackend.merge(event.backend().id(), 1, Integer::sum);
        }
    }

    @Override
    public void connectionClosed(ConnectionSummary summary) {
        if (frontend == null) {
            if (logger.isInfoEnabled()) {
                logger.info("{}", readable(summary));
            }
            return;
        }
        // As HAProxy counts: this one is still the frontend's, and no longer the backend's.
        int ofFrontend = oneLess(accepted) + 1;
        int ofBackend = opened.get();
        int ofServer = 0;
        if (summary.backend() != null) {
            ofBackend = oneLess(opened);
            Integer others = openedOfBackend.computeIfPresent(
                    summary.backend().id(), (id, count) -> count == 1 ? null : count - 1);
            ofServer = others == null ? 0 : others;
        }
        if (logger.isInfoEnabled()) {
            logger.info("{}", tcplog(frontend, summary, ofFrontend, ofBackend, ofServer));
        }
    }

    /** Never below zero: connections end that began before this was a listener. */
    private static int oneLess(AtomicInteger count) {
        return count.updateAndGet(n -> Math.max(0, n - 1));
    }

    private static String readable(ConnectionSummary summary) {
        return "id=" + summary.id()
                + " client=" + Hosts.join(summary.clientAddress())
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

    private static String tcplog(
            String frontend, ConnectionSummary summary, int ofFrontend, int ofBackend, int ofServer) {
        String server = summary.backend() == null
                ? "<NOSRV>"
                : Plain.word(summary.backend().id());
        boolean waited = summary.attempts() > 0 || !summary.queueTime().isZero();
        return Hosts.join(summary.clientAddress())
                + " [" + ACCEPTED.format(Instant.now().minus(summary.duration())) + "] "
                + frontend + " " + frontend + "/" + server + " "
                + (waited ? "" + summary.queueTime().toMillis() : "-1")
                + "/"
                + (summary.backend() == null ? "-1" : "" + summary.connectTime().toMillis())
                + "/" + summary.duration().toMillis()
                + " " + summary.bytesToClient()
                + " " + summary.terminationCode()
                + " " + ofFrontend + "/" + ofFrontend + "/" + ofBackend + "/" + ofServer
                + "/" + Math.max(0, summary.attempts() - 1)
                + " 0/0";
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
