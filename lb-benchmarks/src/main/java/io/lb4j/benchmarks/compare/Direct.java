package io.lb4j.benchmarks.compare;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** No proxy: what clients and backends can do by themselves. */
final class Direct implements Program {
    static final String NAME = "direct";

    private record Backends(List<Integer> ports) implements Running {
        @Override
        public List<Long> pids() {
            return List.of();
        }

        @Override
        public void close() {}
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<String> missing() {
        return Optional.empty();
    }

    @Override
    public String version() {
        return "no proxy; clients and backends share one core";
    }

    @Override
    public Running start(Path directory, List<Integer> backends, Cores cores) {
        return new Backends(backends);
    }
}
