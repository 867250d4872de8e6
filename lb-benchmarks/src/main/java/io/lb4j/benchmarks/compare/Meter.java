package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.compare.CpuClock.Usage;
import io.lb4j.benchmarks.load.Load;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;

/** Reads the CPU clocks of a proxy and of the load when a window opens, and when it closes. */
final class Meter implements Load.Window {
    private final Clock proxy;
    private final Clock load = new Clock(List.of(ProcessHandle.current().pid()));

    Meter(Running running) {
        proxy = new Clock(running.pids());
    }

    @Override
    public void begin() {
        proxy.begin();
        load.begin();
    }

    @Override
    public void end() {
        proxy.end();
        load.end();
    }

    Usage proxy() {
        return proxy.usage();
    }

    Usage load() {
        return load.usage();
    }

    private static final class Clock {
        private final Collection<Long> pids;
        private CpuClock before = CpuClock.read(List.of());
        private CpuClock after = before;

        Clock(Collection<Long> pids) {
            this.pids = pids;
        }

        void begin() {
            before = read();
        }

        void end() {
            after = read();
        }

        private CpuClock read() {
            try {
                return CpuClock.read(pids);
            } catch (UncheckedIOException gone) {
                // The run that is under way fails by itself: nobody relays any more.
                return before;
            }
        }

        Usage usage() {
            return after.since(before);
        }
    }
}
