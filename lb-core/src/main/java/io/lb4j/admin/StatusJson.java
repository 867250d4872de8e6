package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerConfig;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.CheckResult;
import io.lb4j.internal.util.Hosts;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.stats.QueueStats;
import io.lb4j.stats.TcpProxyStats;
import io.lb4j.tls.BackendTls;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What {@code GET /status} and {@code GET /history} say of one balancer. */
final class StatusJson {
    private static final @Nullable String VERSION = About.version();

    private final Shown shown;
    private final Json json;
    private final long nowMillis;

    StatusJson(Shown shown, Json json, long nowMillis) {
        this.shown = shown;
        this.json = json;
        this.nowMillis = nowMillis;
    }

    /** The fields of an object that has been begun. */
    void status(boolean changeable) {
        LoadBalancer balancer = shown.balancer;
        LoadBalancerStats stats = balancer.stats();
        List<BackendState> states = shown.states();
        shown.history.seen(stats, states);
        json.field("name", balancer.name())
                .field("address", Hosts.join(balancer.address()))
                .field("state", balancer.state().name())
                .field("listening", balancer.isListening())
                .field("selector", balancer.pools().get(0).config().selector().toString())
                .field("changeable", changeable)
                .field("nowMillis", nowMillis)
                .field("upMillis", balancer.uptime().toMillis())
                .field("version", VERSION)
                .field("java", About.java())
                .field("eventLoops", balancer.config().proxy().eventLoops())
                .field("transport", balancer.transport().key())
                .field("eventCount", shown.events.count());
        total(stats.proxy(), balancer.config());
        queue(stats.queue(), balancer.config());
        EndsJson ends = new EndsJson(json, stats);
        ends.frontends(balancer);
        ends.pools(balancer, states);
        json.beginList("backends");
        for (BackendState state : states) {
            stats.backend(state.backend().id()).ifPresent(own -> backend(state, own));
        }
        json.endList();
    }

    /**
     * The fields of an object that has been begun.
     *
     * @param after of the samples, only those after the one of this number
     */
    void history(long after) {
        json.field("name", shown.name()).field("nowMillis", nowMillis);
        shown.history.write(json, after);
        json.field("eventCount", shown.events.count()).beginList("events");
        for (PastEvent event : shown.events.all()) {
            json.beginElement()
                    .field("atMillis", event.atMillis())
                    .field("what", event.what())
                    .field("backend", event.backend())
                    .field("text", event.text())
                    .field("before", event.before())
                    .field("lastedMillis", event.lastedMillis())
                    .end();
        }
        json.endList();
    }

    private void total(TcpProxyStats stats, LoadBalancerConfig config) {
        json.begin("total")
                .field("accepted", stats.accepted())
                .field("active", stats.active())
                .field("mostActive", shown.history.peak())
                .field("maxConnections", config.proxy().limits().connections().orElse(null))
                .field("refused", stats.refusedTotal())
                .field("ended", stats.endedTotal())
                .counts("closed", stats.closed())
                .field("connectAttempts", stats.connectAttempts())
                .counts("connectFailures", stats.connectFailures())
                .field("bytesToBackend", stats.bytesToBackend())
                .field("bytesToClient", stats.bytesToClient())
                .field("pauses", stats.pauses())
                .field("bandwidthPauses", stats.bandwidthPauses())
                .field("acceptPauses", stats.acceptPauses())
                .field("loopTurns", stats.loopTurns());
        counts("connectTimes", stats.connectTimes());
        json.end();
    }

    private void queue(QueueStats stats, LoadBalancerConfig config) {
        json.begin("queue")
                .field("waiting", stats.waiting())
                .field("longestWaitMillis", stats.longestWait().toMillis());
        counts("waits", stats.waits());
        json.field("isWanted", config.pools().values().stream().anyMatch(pool -> pool.queue()
                        .isPresent()))
                .end();
    }

    private void backend(BackendState state, BackendStats stats) {
        Backend backend = state.backend();
        json.beginElement()
                .field("id", backend.id())
                .field("pool", backend.pool())
                .field("address", backend.hostAndPort())
                .field("weight", backend.weight())
                .field("weightPercent", state.weightPercent())
                .field("priority", backend.priority())
                .field("status", state.status().name())
                .field("reason", state.reason())
                .field("sinceMillis", state.since().toEpochMilli())
                .field("endsInMillis", endsInMillis(state))
                .field("active", stats.active())
                .field("mostActive", shown.history.peak(backend.id()))
                .field(
                        "maxConnections",
                        backend.maxConnections().isPresent()
                                ? backend.maxConnections().getAsInt()
                                : null)
                .field(
                        "proxyProtocol",
                        backend.proxyProtocol().map(ProxyVersion::key).orElse(null))
                .field("tls", backend.tls().map(BackendTls::toString).orElse(null))
                .field("attempts", stats.attempts())
                .field("connections", stats.connections())
                .counts("connectFailures", stats.connectFailures())
                .counts("closed", stats.closed())
                .field("bytesToBackend", stats.bytesToBackend())
                .field("bytesToClient", stats.bytesToClient())
                .field("checksPassed", stats.checksPassed())
                .field("checksFailed", stats.checksFailed())
                .field("ejections", stats.ejections());
        counts("connectTimes", stats.connectTimes());
        state.lastCheck().ifPresent(this::check);
        json.end();
    }

    /** When an ejected one is back, or when what one that drains has left is reset; null when that is not to be. */
    private @Nullable Number endsInMillis(BackendState state) {
        return switch (state.status()) {
            case EJECTED -> state.ejectedUntil().map(this::millisTo).orElse(null);
            case DRAINING, LEAVING -> state.drainedUntil().map(this::millisTo).orElse(null);
            default -> null;
        };
    }

    private long millisTo(Instant end) {
        return Math.max(0, end.toEpochMilli() - nowMillis);
    }

    private void check(CheckResult check) {
        json.begin("lastCheck")
                .field("passed", check.passed())
                .field("message", check.message())
                .field(
                        "tookMicros",
                        TimeUnit.NANOSECONDS.toMicros(check.duration().toNanos()))
                .field("atMillis", check.at().toEpochMilli())
                .end();
    }

    private void counts(String name, DurationHistogram times) {
        json.beginList(name);
        times.counts().forEach(json::element);
        json.endList();
    }
}
