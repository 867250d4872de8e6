package io.lb4j.internal.util;

/**
 * Loads classes before they are needed. A class that is first needed when no descriptor is left, and lies in a
 * directory, cannot be read then, and Java never tries again: NoClassDefFoundError for the rest of the process. As for
 * memory, what runs for the first time needs some that it never needs again: see {@link Literals} and {@link FirstCalls}.
 */
public final class Preload {
    static {
        FirstCalls.make();
    }

    private Preload() {}

    /** Loads and initialises these classes and those nested in them, and makes their literals. */
    public static void classes(Class<?>... types) {
        for (Class<?> type : types) {
            for (Class<?> member : type.getNestMembers()) {
                initialise(member);
                Literals.of(member);
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
