package io.lb4j.examples.demo;

import io.lb4j.selection.BackendSelector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The selectors by the names they have on the command line. */
final class Selectors {
    static final String DEFAULT = "round-robin";

    private static final Map<String, Supplier<BackendSelector>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put(DEFAULT, BackendSelector::roundRobin);
        BY_NAME.put("least-connections", BackendSelector::leastConnections);
        BY_NAME.put("random", BackendSelector::random);
        BY_NAME.put("two-choices", BackendSelector::powerOfTwoChoices);
        BY_NAME.put("least-connect-time", BackendSelector::leastConnectTime);
        BY_NAME.put("sticky", BackendSelector::sticky);
        BY_NAME.put("first", BackendSelector::first);
    }

    private Selectors() {}

    /** What makes selectors of this name; the message of the IllegalArgumentException lists the names there are. */
    static Supplier<BackendSelector> named(String name) {
        Supplier<BackendSelector> factory = BY_NAME.get(name);
        if (factory == null) {
            throw new IllegalArgumentException("\"" + name + "\" (expected: one of " + names() + ")");
        }
        return factory;
    }

    static String names() {
        return String.join(", ", BY_NAME.keySet());
    }

    /** The names as picocli wants them for its help. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return new ArrayList<>(BY_NAME.keySet()).iterator();
        }
    }
}
