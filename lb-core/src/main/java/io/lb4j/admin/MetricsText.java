package io.lb4j.admin;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.internal.util.Metric;
import io.lb4j.proxy.Frontend;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.FrontendStats;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.stats.QueueStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of some balancers in the text format of Prometheus, 0.0.4, under the names that
 * {@code io.lb4j.micrometer} has in a registry of Prometheus.
 */
final class MetricsText {
    private final Map<Metric, List<String>> lines = new EnumMap<>(Metric.class);

    MetricsText(List<Shown> shown) {
        for (Shown one : shown) {
            LoadBalancerStats stats = one.balancer.stats();
            String own = label("balancer", one.name());
            all(own, one, stats);
            frontends(own, one, stats);
            stats.pools().forEach((name, pool) -> queue(own + "," + label("pool", name), pool.queue()));
            for (BackendState state : one.states()) {
                Backend backend = state.backend();
                String labels = own + "," + label("pool", backend.pool()) + "," + label("backend", backend.id());
                // None when it was added between the two looks.
                stats.backend(backend.id())
                        .ifPresent(figures -> backend(labels, state.status() == BackendStatus.UP, figures));
            }
        }
    }

    private void all(String own, Shown shown, LoadBalancerStats stats) {
        var proxy = stats.proxy();
        add(Metric.CONNECTIONS_ACTIVE, own, proxy.active());
        add(Metric.CONNECTIONS_ACCEPTED, own, proxy.accepted());
        for (CloseReason reason : CloseReason.values()) {
            add(Metric.CONNECTIONS_CLOSED, own + "," + label("reason", reason.name()), proxy.closed(reason));
        }
        bytes(Metric.BYTES, own, proxy.bytesToBackend(), proxy.bytesToClient());
        add(Metric.ACCEPT_PAUSES, own, proxy.acceptPauses());
        add(Metric.BANDWIDTH_PAUSES, own, proxy.bandwidthPauses());
        add(Metric.QUEUE_WAITING, own, stats.queue().waiting());
        add(Metric.QUEUE_LONGEST_WAIT, own, stats.queue().longestWait());
        add(
                Metric.TRANSPORT,
                own + "," + label("transport", shown.balancer.transport().key()),
                1);
        add(Metric.UPTIME, own, shown.balancer.uptime());
    }

    private void frontends(String own, Shown shown, LoadBalancerStats stats) {
        for (Frontend frontend : shown.balancer.frontends()) {
            FrontendStats figures = stats.frontends().get(frontend.name());
            if (figures != null) {
                String labels = own + "," + label("frontend", frontend.name());
                frontend(labels, frontend.isListening(), figures);
                frontend.certificateExpiry().ifPresent(left -> add(Metric.FRONTEND_CERTIFICATE_EXPIRY, labels, left));
            }
        }
    }

    private void frontend(String own, boolean isListening, FrontendStats stats) {
        add(Metric.FRONTEND_LISTENING, own, isListening ? 1 : 0);
        add(Metric.FRONTEND_CONNECTIONS_ACTIVE, own, stats.active());
        add(Metric.FRONTEND_CONNECTIONS_ACCEPTED, own, stats.accepted());
        for (CloseReason reason : CloseReason.values()) {
            addRare(Metric.FRONTEND_CONNECTIONS_CLOSED, own, "reason", reason, stats.closed(reason));
        }
        bytes(Metric.FRONTEND_BYTES, own, stats.bytesToBackend(), stats.bytesToClient());
        add(Metric.FRONTEND_BANDWIDTH_PAUSES, own, stats.bandwidthPauses());
    }

    private void queue(String own, QueueStats stats) {
        add(Metric.POOL_QUEUE_WAITING, own, stats.waiting());
        add(Metric.POOL_QUEUE_LONGEST_WAIT, own, stats.longestWait());
    }

    private void backend(String own, boolean isUp, BackendStats stats) {
        add(Metric.BACKEND_UP, own, isUp ? 1 : 0);
        add(Metric.BACKEND_CONNECTIONS_ACTIVE, own, stats.active());
        add(Metric.BACKEND_CONNECT_ATTEMPTS, own, stats.attempts());
        for (ConnectFailure kind : ConnectFailure.values()) {
            addRare(Metric.BACKEND_CONNECT_FAILURES, own, "kind", kind, stats.connectFailures(kind));
        }
        for (CloseReason reason : CloseReason.values()) {
            if (!reason.isRefusal()) { // of which no backend knows
                addRare(Metric.BACKEND_CONNECTIONS_CLOSED, own, "reason", reason, stats.closed(reason));
            }
        }
        bytes(Metric.BACKEND_BYTES, own, stats.bytesToBackend(), stats.bytesToClient());
        add(Metric.BACKEND_CHECKS, own + "," + label("result", "passed"), stats.checksPassed());
        add(Metric.BACKEND_CHECKS, own + "," + label("result", "failed"), stats.checksFailed());
        add(Metric.BACKEND_EJECTIONS, own, stats.ejections());
        histogram(Metric.BACKEND_CONNECT, own, stats.connectTimes());
    }

    /** Most of these never happen to most of ten thousand backends: one that has not is left out. */
    private void addRare(Metric metric, String own, String label, Enum<?> value, long count) {
        List<String> ofMetric = of(metric);
        if (count > 0) {
            ofMetric.add(metric.prometheus() + "{" + own + "," + label(label, value.name()) + "} " + count);
        }
    }

    private void bytes(Metric metric, String own, long toBackend, long toClient) {
        add(metric, own + "," + label("direction", "to_backend"), toBackend);
        add(metric, own + "," + label("direction", "to_client"), toClient);
    }

    /** Without a sum, which is not counted. */
    private void histogram(Metric metric, String own, DurationHistogram times) {
        List<String> ofMetric = of(metric);
        String name = metric.prometheus();
        long count = 0;
        for (int i = 0; i < DurationHistogram.BUCKETS; i++) {
            count += times.counts().get(i);
            String bound = i < DurationHistogram.BUCKETS - 1
                    ? seconds(DurationHistogram.bounds().get(i))
                    : "+Inf";
            ofMetric.add(name + "_bucket{" + own + "," + label("le", bound) + "} " + count);
        }
        ofMetric.add(name + "_count{" + own + "} " + count);
    }

    private void add(Metric metric, String labels, long value) {
        of(metric).add(metric.prometheus() + "{" + labels + "} " + value);
    }

    private void add(Metric metric, String labels, Duration time) {
        of(metric).add(metric.prometheus() + "{" + labels + "} " + seconds(time));
    }

    /** All lines of one metric stand together. */
    private List<String> of(Metric metric) {
        return lines.computeIfAbsent(metric, any -> new ArrayList<>());
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
        lines.forEach((metric, ofMetric) -> {
            String name = metric.prometheus();
            text.append("# HELP ")
                    .append(name)
                    .append(' ')
                    .append(metric.description())
                    .append(".\n");
            text.append("# TYPE ")
                    .append(name)
                    .append(' ')
                    .append(metric.prometheusType())
                    .append('\n');
            ofMetric.forEach(line -> text.append(line).append('\n'));
        });
        return text.toString();
    }
}
