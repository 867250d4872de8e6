package io.lb4j.micrometer;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Meters of things that come and go and have a name, which is a tag of theirs: frontends, or pools. Thread-safe. */
final class NamedMeters {
    private final MeterSet common;
    private final String tag;
    private final Supplier<Collection<String>> present;
    private final BiConsumer<MeterSet, String> register;

    // Guarded by this.
    private final Map<String, MeterSet> meters = new HashMap<>();
    private boolean ended;

    /**
     * @param present the names of those that are there
     * @param register makes the meters of one in its set
     */
    NamedMeters(
            MeterSet common, String tag, Supplier<Collection<String>> present, BiConsumer<MeterSet, String> register) {
        this.common = common;
        this.tag = tag;
        this.present = present;
        this.register = register;
    }

    /** Makes those that are there the ones that have meters. Whoever comes last has looked last. */
    synchronized void update() {
        if (!ended) {
            Set<String> names = new HashSet<>(present.get());
            meters.keySet().stream()
                    .filter(name -> !names.contains(name))
                    .toList()
                    .forEach(this::remove);
            names.stream().filter(name -> !meters.containsKey(name)).forEach(this::add);
        }
    }

    private void add(String name) {
        MeterSet own = common.with(tag, name);
        meters.put(name, own);
        register.accept(own, name);
    }

    private void remove(String name) {
        MeterSet gone = meters.remove(name);
        if (gone != null) {
            gone.remove();
        }
    }

    /** Takes all out, for ever. */
    synchronized void end() {
        ended = true;
        List.copyOf(meters.keySet()).forEach(this::remove);
    }
}
