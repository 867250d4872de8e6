package io.lb4j.internal.util;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Counters by the constants of an enum. */
public final class Counts {
    private Counts() {}

    public static <K extends Enum<K>> Map<K, Long> copyOf(Class<K> type, Map<K, Long> counts) {
        Map<K, Long> copy = new EnumMap<>(type);
        copy.putAll(counts);
        return Collections.unmodifiableMap(copy);
    }

    /** What each constant has. */
    public static <K extends Enum<K>> Map<K, Long> of(Class<K> type, ToLongFunction<K> count) {
        Map<K, Long> counts = new EnumMap<>(type);
        for (K key : type.getEnumConstants()) {
            counts.put(key, count.applyAsLong(key));
        }
        return counts;
    }

    public static long total(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    public static <K extends Enum<K>> Map<K, Long> minus(Class<K> type, Map<K, Long> now, Map<K, Long> earlier) {
        return of(type, key -> now.getOrDefault(key, 0L) - earlier.getOrDefault(key, 0L));
    }
}
