package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.health.OnRecovery;
import io.lb4j.internal.util.Hosts;
import io.lb4j.selection.BackendSelector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with backends and selector although each by itself is right: once, when it begins to be so. Told of
 * changes by any thread; it looks on the control thread, when an audit finds that there were some.
 */
final class Advisor {
    private static final int MOST_OF_A_SELECTOR = 10;
    private static final int LONGEST_LINE = 500;

    private final PoolState state;
    private final Announcer announcer;
    private volatile boolean outdated;
    private Set<String> said = Set.of();

    Advisor(PoolState state, Announcer announcer) {
        this.state = state;
        this.announcer = announcer;
    }

    /** Other backends, other weights, another selector. */
    void changed() {
        outdated = true;
    }

    void adviseIfChanged() {
        if (!outdated) {
            return;
        }
        outdated = false;
        List<String> advice = advice();
        advice.stream().filter(line -> !said.contains(line)).forEach(line -> announcer.warn(state.claims.pool(), line));
        said = new HashSet<>(advice);
    }

    private List<String> advice() {
        List<Backend> backends = state.snapshot().members().stream()
                .filter(member -> !member.isLeaving())
                .map(Member::backend)
                .toList();
        List<String> advice = new ArrayList<>();
        if (!backends.isEmpty()) {
            if (backends.stream().allMatch(backend -> backend.weight() == 0)) {
                advice.add("all backends have weight 0, so none gets connections");
            }
            addTwins(backends, advice);
            addSettings(backends, advice);
            advice.addAll(adviceOfSelector(backends));
        }
        return advice;
    }

    private void addSettings(List<Backend> backends, List<String> advice) {
        PoolRules settings = state.settings();
        int minimum = settings.minimumHealthy().backends();
        if (backends.size() < minimum) {
            advice.add("minimumHealthy: " + minimum + ", and there are " + backends.size() + " backends: "
                    + settings.noneHealthy() + " holds whatever their health is");
        }
        boolean isNobodyPreferred = !settings.isOrdered()
                && backends.stream().mapToInt(Backend::priority).distinct().count() == 1;
        if (settings.onRecovery() != OnRecovery.KEEP && backends.size() > 1 && isNobodyPreferred) {
            advice.add("onRecovery: " + settings.onRecovery()
                    + " makes no difference: all backends have the same priority, and the selector is not first()");
        }
    }

    private List<String> adviceOfSelector(List<Backend> backends) {
        BackendSelector selector = state.settings().selector();
        announcer.watched().enter("selector", selector);
        try {
            return selector.advice(backends).stream()
                    .limit(MOST_OF_A_SELECTOR)
                    .map(Advisor::oneLine)
                    .toList();
        } catch (OutOfMemoryError exhausted) {
            outdated = true;
            return List.of();
        } catch (Throwable failure) {
            return List.of("the selector's advice failed: " + oneLine(failure));
        } finally {
            announcer.watched().leave();
        }
    }

    /** What somebody else says, as one line of ours. */
    private static String oneLine(@Nullable Object said) {
        String text = String.valueOf(said);
        return text.substring(0, Math.min(text.length(), LONGEST_LINE)).replaceAll("\\p{Cntrl}", "?");
    }

    /** One address under two ids gets a double share, and twice as many connections as its limit says. */
    private static void addTwins(List<Backend> backends, List<String> advice) {
        Map<String, String> ids = new HashMap<>();
        String first = "";
        int more = -1;
        for (Backend backend : backends) {
            String address = Hosts.join(backend.host(), backend.port());
            String other = ids.putIfAbsent(address, backend.id());
            if (other != null && ++more == 0) {
                first = "backends " + other + " and " + backend.id() + " have the same address, " + address;
            }
        }
        if (more >= 0) {
            advice.add(first + (more > 0 ? ", and so have " + more + " more" : ""));
        }
    }
}
