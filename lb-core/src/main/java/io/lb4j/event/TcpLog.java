package io.lb4j.event;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Plain;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lines as HAProxy's {@code option tcplog} has them (its configuration manual, "TCP log format"), and the numbers of
 * connections in them. Thread-safe.
 */
final class TcpLog {
    private static final DateTimeFormatter ACCEPTED =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

    /** What all frontends and pools are called; null when each has its own name. */
    private final @Nullable String name;

    private final AtomicInteger open = new AtomicInteger();
    private final Map<String, Integer> ofFrontends = new ConcurrentHashMap<>();
    private final Map<String, Integer> ofPools = new ConcurrentHashMap<>();
    private final Map<String, Integer> ofBackends = new ConcurrentHashMap<>();

    TcpLog(@Nullable String name) {
        this.name = name;
    }

    void accepted(ConnectionAccepted event) {
        open.incrementAndGet();
        ofFrontends.merge(called(event.frontend()), 1, Integer::sum);
    }

    void opened(ConnectionOpened event) {
        ofPools.merge(called(event.backend().pool()), 1, Integer::sum);
        ofBackends.merge(event.backend().id(), 1, Integer::sum);
    }

    /** Counts it out, and makes its line. */
    String closed(ConnectionSummary summary) {
        String frontend = called(summary.frontend());
        Backend backend = summary.backend();
        // One without a backend is of no pool; HAProxy has the frontend's name again where none was chosen.
        String pool = backend == null ? frontend : called(backend.pool());
        // As HAProxy counts: this one is still the frontend's, and no longer the backend's.
        int all = open.getAndUpdate(count -> Math.max(0, count - 1));
        int ofFrontend = oneLess(ofFrontends, frontend) + 1;
        int ofPool = backend == null ? ofPools.getOrDefault(pool, 0) : oneLess(ofPools, pool);
        int ofBackend = backend == null ? 0 : oneLess(ofBackends, backend.id());
        return start(summary, frontend, pool, backend == null ? "<NOSRV>" : Plain.word(backend.id()))
                + " " + Math.max(1, all) + "/" + ofFrontend + "/" + ofPool + "/" + ofBackend
                + "/" + Math.max(0, summary.attempts() - 1)
                + " 0/0";
    }

    private String called(String own) {
        return name == null ? Plain.word(own) : name;
    }

    /** How many others there are. Never below zero: connections end that began before this was listening. */
    private static int oneLess(Map<String, Integer> counts, String key) {
        Integer others = counts.computeIfPresent(key, (any, count) -> count == 1 ? null : count - 1);
        return others == null ? 0 : others;
    }

    private static String start(ConnectionSummary summary, String frontend, String pool, String server) {
        boolean waited = summary.attempts() > 0 || !summary.queueTime().isZero();
        return Hosts.join(summary.clientAddress())
                + " [" + ACCEPTED.format(Instant.now().minus(summary.duration())) + "] "
                + frontend + " " + pool + "/" + server + " "
                + (waited ? "" + summary.queueTime().toMillis() : "-1")
                + "/"
                + (summary.backend() == null ? "-1" : "" + summary.connectTime().toMillis())
                + "/" + summary.duration().toMillis()
                + " " + summary.bytesToClient()
                + " " + summary.terminationCode();
    }
}
