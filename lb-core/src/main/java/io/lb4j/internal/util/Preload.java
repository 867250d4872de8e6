package io.lb4j.internal.util;

/**
 * Loads classes before they are needed. A class that is first needed when no descriptor is left, and lies in a
 * directory, cannot be read then, and Java never tries again: NoClassDefFoundError for the rest of the process.
 */
public final class Preload {
    private Preload() {}

    /** Loads and initialises these classes and those nested in them. */
    public static void classes(Class<?>... types) {
        for (Class<?> type : types) {
            for (Class<?> member : type.getNestMembers()) {
                initialise(member);
            }
        }
    }

    private static void initialise(Class<?> type) {
        try {
            Class.forName(type.getName(), true, type.getClassLoader());
        } catch (ClassNotFoundException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
