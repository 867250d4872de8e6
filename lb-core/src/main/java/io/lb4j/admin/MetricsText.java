package io.lb4j.admin;

import io.lb4j.backend.BackendStatus;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.LoadBalancerStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of some balancers in the text format of Prometheus, 0.0.4, under the names that
 * {@code io.lb4j.micrometer} has in a registry of Prometheus.
 */
final class MetricsText {
    private static final String COUNTER = "counter";
    private static final String GAUGE = "gauge";

    private final Map<String, Family> families = new LinkedHashMap<>();

    /** One metric: all its lines stand together. */
    private record Family(String help, String type, List<String> lines) {}

    MetricsText(List<Shown> shown) {
        for (Shown one : shown) {
            LoadBalancerStats stats = one.balancer.stats();
            Map<String, BackendStatus> statuses = new HashMap<>();
            one.states().forEach(state -> statuses.put(state.backend().id(), state.status()));
            String own = label("balancer", one.name());
            all(own, one, stats);
            stats.backends().forEach((id, backend) -> {
                if (statuses.containsKey(id)) {
                    backend(own + "," + label("backend", id), statuses.get(id) == BackendStatus.UP, backend);
                }
            });
        }
    }

    private void all(String own, Shown shown, LoadBalancerStats stats) {
        var proxy = stats.proxy();
        add("lb4j_connections_active", GAUGE, "Connections open now.", own, proxy.active());
        add("lb4j_connections_accepted_total", COUNTER, "Connections accepted.", own, proxy.accepted());
        for (CloseReason reason : CloseReason.values()) {
            String labels = own + "," + label("reason", reason.name());
            add(
                    "lb4j_connections_closed_total",
                    COUNTER,
                    "Connections ended, by reason.",
                    labels,
                    proxy.closed(reason));
        }
        bytes("lb4j_bytes_total", "Bytes moved.", own, proxy.bytesToBackend(), proxy.bytesToClient());
        add("lb4j_accept_pauses_total", COUNTER, "Times that accepting paused.", own, proxy.acceptPauses());
        add(
                "lb4j_queue_waiting",
                GAUGE,
                "Connections that wait for a place.",
                own,
                stats.queue().waiting());
        Duration longest = stats.queue().longestWait();
        add("lb4j_queue_longest_wait", "Seconds that the first of them has been waiting.", own, longest);
        add("lb4j_uptime_seconds", "Seconds since the start.", own, shown.balancer.uptime());
    }

    private void backend(String own, boolean isUp, BackendStats stats) {
        add("lb4j_backend_up", GAUGE, "1 when it is UP, else 0.", own, isUp ? 1 : 0);
        add("lb4j_backend_connections_active", GAUGE, "Its connections open now.", own, stats.active());
        add("lb4j_backend_connect_attempts_total", COUNTER, "Attempts to connect to it.", own, stats.attempts());
        String failures = "lb4j_backend_connect_failures_total";
        for (ConnectFailure kind : ConnectFailure.values()) {
            addRare(failures, "Attempts that failed, by kind.", own, "kind", kind, stats.connectFailures(kind));
        }
        String closed = "lb4j_backend_connections_closed_total";
        for (CloseReason reason : CloseReason.values()) {
            if (!reason.isRefusal()) { // of which no backend knows
                addRare(closed, "Its connections that ended, by reason.", own, "reason", reason, stats.closed(reason));
            }
        }
        bytes(
                "lb4j_backend_bytes_total",
                "Bytes over its connections that have ended.",
                own,
                stats.bytesToBackend(),
                stats.bytesToClient());
        checks(own, "passed", stats.checksPassed());
        checks(own, "failed", stats.checksFailed());
        add("lb4j_backend_ejections_total", COUNTER, "Times that it was ejected.", own, stats.ejections());
        histogram("lb4j_backend_connect_seconds", own, stats.connectTimes());
    }

    /** Most of these never happen to most of ten thousand backends: one that has not is left out. */
    private void addRare(String name, String help, String own, String label, Enum<?> value, long count) {
        List<String> lines = family(name, COUNTER, help);
        if (count > 0) {
            lines.add(name + "{" + own + "," + label(label, value.name()) + "} " + count);
        }
    }

    private void checks(String own, String result, long count) {
        String labels = own + "," + label("result", result);
        add("lb4j_backend_checks_total", COUNTER, "Health checks, by result.", labels, count);
    }

    private void bytes(String name, String help, String own, long toBackend, long toClient) {
        add(name, COUNTER, help, own + "," + label("direction", "to_backend"), toBackend);
        add(name, COUNTER, help, own + "," + label("direction", "to_client"), toClient);
    }

    /** Without a sum, which is not counted. */
    private void histogram(String name, String own, DurationHistogram times) {
        List<String> lines = family(name, "histogram", "How long successful attempts to connect took.");
        long count = 0;
        for (int i = 0; i < DurationHistogram.BUCKETS; i++) {
            count += times.counts().get(i);
            String bound = i < DurationHistogram.BUCKETS - 1
                    ? seconds(DurationHistogram.bounds().get(i))
                    : "+Inf";
            lines.add(name + "_bucket{" + own + "," + label("le", bound) + "} " + count);
        }
        lines.add(name + "_count{" + own + "} " + count);
    }

    private void add(String name, String type, String help, String labels, long value) {
        family(name, type, help).add(name + "{" + labels + "} " + value);
    }

    private void add(String name, String help, String labels, Duration time) {
        family(name, GAUGE, help).add(name + "{" + labels + "} " + seconds(time));
    }

    private List<String> family(String name, String type, String help) {
        return families.computeIfAbsent(name, any -> new Family(help, type, new ArrayList<>()))
                .lines();
    }

    private static String seconds(Duration time) {
        String text = Double.toString(time.toNanos() / 1e9);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private static String label(String name, String value) {
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        return name + "=\"" + escaped + "\"";
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        families.forEach((name, family) -> {
            text.append("# HELP ")
                    .append(name)
                    .append(' ')
                    .append(family.help())
                    .append('\n');
            text.append("# TYPE ")
                    .append(name)
                    .append(' ')
                    .append(family.type())
                    .append('\n');
            family.lines().forEach(line -> text.append(line).append('\n'));
        });
        return text.toString();
    }
}
