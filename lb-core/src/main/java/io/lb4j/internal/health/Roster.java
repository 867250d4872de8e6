package io.lb4j.internal.health;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is checked, and who was until his thread comes back. Confined to the control thread, but for {@link #expect} and
 * {@link #loseTrack}, which can be called from any.
 */
final class Roster {
    private final HealthMonitor monitor;
    private final HealthSink sink;
    private final HealthLog log;

    /** In the order in which they came: a walk through them is the same in every run. */
    private final LinkedHashMap<CheckedBackend, BackendCheck> checks = new LinkedHashMap<>();

    private final BiConsumer<CheckedBackend, BackendCheck> auditOne = this::audit;
    private final BiConsumer<CheckedBackend, BackendCheck> beginSoon = this::beginSoon;

    /** Removed, but their threads have not come back. A list through {@link BackendCheck#nextLeaving}. */
    private @Nullable BackendCheck leaving;

    /** What there was no memory to be told: who is checked is then compared with who should be. */
    private volatile boolean lostTrack;

    private volatile Health unchecked = Health.unchecked(true, "not checked yet");

    /** @param sink knows who should be checked */
    Roster(HealthMonitor monitor, HealthSink sink, HealthLog log) {
        this.monitor = monitor;
        this.sink = sink;
        this.log = log;
    }

    /** Of those that get lost on their way here, the worst that may be taken for known of them. */
    void expect(Health initial) {
        unchecked = unchecked.up() ? initial : unchecked;
    }

    /** Somebody who was to come or to go may be lost: the audit finds out. */
    void loseTrack() {
        lostTrack = true;
    }

    /** Begins these checks of these backends, but for those that are checked already. */
    void begin(List<? extends CheckedBackend> backends, List<BackendCheck> added) {
        try {
            for (int i = 0; i < added.size(); i++) {
                begin(backends.get(i), added.get(i));
            }
        } catch (VirtualMachineError shortage) {
            loseTrack();
        }
    }

    private void begin(CheckedBackend backend, BackendCheck check) {
        BackendCheck known = checks.putIfAbsent(backend, check);
        if (known == null) {
            check.start();
        } else {
            var unused = known.first().thenRun(() -> check.first().complete(null));
        }
    }

    void remove(CheckedBackend backend) {
        BackendCheck check = checks.remove(backend);
        if (check != null) {
            end(check);
        }
    }

    private void end(BackendCheck check) {
        check.remove();
        keepIfOut(check);
    }

    private void keepIfOut(BackendCheck check) {
        if (check.isOut()) {
            check.nextLeaving = leaving;
            leaving = check;
        }
    }

    void beginSoon(CheckedBackend backend) {
        BackendCheck check = checks.get(backend);
        if (check != null) {
            check.beginSoon();
        }
    }

    void allBeginSoon() {
        checks.forEach(beginSoon);
    }

    private void beginSoon(CheckedBackend backend, BackendCheck check) {
        check.beginSoon();
    }

    void policyChanged() {
        checks.values().forEach(BackendCheck::policyChanged);
    }

    /** Makes the steps that were lost. */
    void audit() {
        checks.forEach(auditOne);
        auditLeaving();
        if (lostTrack) {
            lostTrack = false;
            findTrack();
        }
    }

    private void audit(CheckedBackend backend, BackendCheck check) {
        audit(check);
    }

    private void audit(BackendCheck check) {
        try {
            check.audit();
        } catch (Throwable failure) {
            log.auditFailed(failure);
        }
    }

    private void auditLeaving() {
        BackendCheck check = leaving;
        leaving = null;
        while (check != null) {
            BackendCheck next = check.nextLeaving;
            audit(check);
            keepIfOut(check);
            check = next;
        }
    }

    private void findTrack() {
        try {
            List<? extends CheckedBackend> all = sink.places();
            if (all != null) {
                checkOnly(all);
            }
        } catch (VirtualMachineError shortage) {
            loseTrack();
        }
    }

    private void checkOnly(List<? extends CheckedBackend> all) {
        Set<CheckedBackend> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
        wanted.addAll(all);
        checks.forEach((backend, check) -> {
            if (!wanted.contains(backend)) {
                end(check);
            }
        });
        checks.keySet().removeIf(backend -> !wanted.contains(backend));
        for (CheckedBackend backend : all) {
            if (!checks.containsKey(backend)) {
                begin(backend, new BackendCheck(monitor, backend, unchecked));
            }
        }
    }
}
