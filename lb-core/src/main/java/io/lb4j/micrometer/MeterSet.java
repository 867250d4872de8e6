package io.lb4j.micrometer;

import io.lb4j.internal.util.Metric;
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

    void gauge(Metric metric, ToDoubleFunction<Figures> value) {
        gauge(metric, Tags.empty(), value);
    }

    void gauge(Metric metric, Tags further, ToDoubleFunction<Figures> value) {
        meters.add(Gauge.builder(metric.id(), figures, value)
                .tags(tags.and(further))
                .description(metric.description())
                .strongReference(true)
                .register(registry));
    }

    void counter(Metric metric, Tags further, ToDoubleFunction<Figures> count) {
        meters.add(FunctionCounter.builder(metric.id(), figures, count)
                .tags(tags.and(further))
                .description(metric.description())
                .register(registry));
    }

    void bytes(Metric metric, ToDoubleFunction<Figures> toBackend, ToDoubleFunction<Figures> toClient) {
        bytes(metric, "to_backend", toBackend);
        bytes(metric, "to_client", toClient);
    }

    private void bytes(Metric metric, String direction, ToDoubleFunction<Figures> count) {
        meters.add(FunctionCounter.builder(metric.id(), figures, count)
                .tags(tags.and("direction", direction))
                .description(metric.description())
                .baseUnit(BaseUnits.BYTES)
                .register(registry));
    }

    /** A timer with the bounds of {@link DurationHistogram}. */
    Timer timer(Metric metric) {
        Timer timer = Timer.builder(metric.id())
                .tags(tags)
                .description(metric.description())
                .serviceLevelObjectives(DurationHistogram.bounds().toArray(Duration[]::new))
                .register(registry);
        meters.add(timer);
        return timer;
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
