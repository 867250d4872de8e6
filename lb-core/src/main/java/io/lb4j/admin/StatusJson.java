package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.CheckResult;
import io.lb4j.internal.util.Hosts;
import io.lb4j.stats.BackendStats;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.stats.QueueStats;
import io.lb4j.stats.TcpProxyStats;
import java.util.concurrent.TimeUnit;

/** What {@code GET /status} says. */
final class StatusJson {
    private StatusJson() {}

    static String of(LoadBalancer balancer, boolean changeable) {
        LoadBalancerStats stats = balancer.stats();
        Json json = new Json()
                .begin()
                .field("name", balancer.name())
                .field("address", Hosts.join(balancer.address()))
                .field("state", balancer.state().name())
                .field("selector", balancer.config().selector().toString())
                .field("changeable", changeable)
                .field("nowMillis", System.currentTimeMillis());
        total(json, stats.proxy());
        queue(json, stats.queue());
        json.beginList("backends");
        for (BackendState state : balancer.backends().list()) {
            BackendStats own = stats.backends().get(state.backend().id());
            if (own != null) {
                backend(json, state, own);
            }
        }
        return json.endList().end().toString();
    }

    private static void total(Json json, TcpProxyStats stats) {
        json.begin("total")
                .field("accepted", stats.accepted())
                .field("active", stats.active())
                .field("refused", stats.refusedTotal())
                .field("ended", stats.endedTotal())
                .counts("closed", stats.closed())
                .field("connectAttempts", stats.connectAttempts())
                .counts("connectFailures", stats.connectFailures())
                .field("bytesToBackend", stats.bytesToBackend())
                .field("bytesToClient", stats.bytesToClient())
                .field("pauses", stats.pauses())
                .field("acceptPauses", stats.acceptPauses())
                .field("loopTurns", stats.loopTurns());
        connectTimes(json, stats.connectTimes());
        json.end();
    }

    private static void queue(Json json, QueueStats stats) {
        json.begin("queue")
                .field("waiting", stats.waiting())
                .field("longestWaitMillis", stats.longestWait().toMillis());
        json.beginList("waits");
        stats.waits().counts().forEach(json::element);
        json.endList();
        json.end();
    }

    private static void backend(Json json, BackendState state, BackendStats stats) {
        Backend backend = state.backend();
        json.beginElement()
                .field("id", backend.id())
                .field("address", backend.hostAndPort())
                .field("weight", backend.weight())
                .field("priority", backend.priority())
                .field("status", state.status().name())
                .field("reason", state.reason())
                .field("sinceMillis", state.since().toEpochMilli())
                .field("active", stats.active())
                .field("attempts", stats.attempts())
                .field("connections", stats.connections())
                .counts("connectFailures", stats.connectFailures())
                .counts("closed", stats.closed())
                .field("bytesToBackend", stats.bytesToBackend())
                .field("bytesToClient", stats.bytesToClient())
                .field("checksPassed", stats.checksPassed())
                .field("checksFailed", stats.checksFailed())
                .field("ejections", stats.ejections());
        connectTimes(json, stats.connectTimes());
        state.lastCheck().ifPresent(check -> check(json, check));
        json.end();
    }

    private static void check(Json json, CheckResult check) {
        json.begin("lastCheck")
                .field("passed", check.passed())
                .field("message", check.message())
                .field(
                        "tookMicros",
                        TimeUnit.NANOSECONDS.toMicros(check.duration().toNanos()))
                .field("atMillis", check.at().toEpochMilli())
                .end();
    }

    private static void connectTimes(Json json, DurationHistogram times) {
        json.beginList("connectTimes");
        times.counts().forEach(json::element);
        json.endList();
    }
}
