package io.lb4j.micrometer;

import io.lb4j.stats.DurationHistogram;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Meters that come and go together, with their tags in common. For one thread, until all are registered. */
final class MeterSet {
    private final MeterRegistry registry;
    private final Figures figures;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();

    MeterSet(MeterRegistry registry, Figures figures, Tags tags) {
        this.registry = registry;
        this.figures = figures;
        this.tags = tags;
    }

    /** An empty set, with one tag more. */
    MeterSet with(String tag, String value) {
        return new MeterSet(registry, figures, tags.and(tag, value));
    }

    void gauge(String name, String description, ToDoubleFunction<Figures> value) {
        meters.add(Gauge.builder(name, figures, value)
                .tags(tags)
                .description(description)
                .strongReference(true)
                .register(registry));
    }

    void counter(String name, String description, Tags further, ToDoubleFunction<Figures> count) {
        meters.add(FunctionCounter.builder(name, figures, count)
                .tags(tags.and(further))
                .description(description)
                .register(registry));
    }

    void bytes(
            String name, String description, ToDoubleFunction<Figures> toBackend, ToDoubleFunction<Figures> toClient) {
        bytes(name, description, "to_backend", toBackend);
        bytes(name, description, "to_client", toClient);
    }

    private void bytes(String name, String description, String direction, ToDoubleFunction<Figures> count) {
        meters.add(FunctionCounter.builder(name, figures, count)
                .tags(tags.and("direction", direction))
                .description(description)
                .baseUnit(BaseUnits.BYTES)
                .register(registry));
    }

    /** A timer with the bounds of {@link DurationHistogram}. */
    Timer timer(String name, String description) {
        Timer timer = Timer.builder(name)
                .tags(tags)
                .description(description)
                .serviceLevelObjectives(DurationHistogram.bounds().toArray(Duration[]::new))
                .register(registry);
        meters.add(timer);
        return timer;
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
