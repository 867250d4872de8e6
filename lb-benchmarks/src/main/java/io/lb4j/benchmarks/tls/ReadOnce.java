package io.lb4j.benchmarks.tls;

/** Settings of the JDK that it reads when it first does TLS, and never again. */
public final class ReadOnce {
    private ReadOnce() {}

    /**
     * Sets one, for the whole JVM.
     *
     * @throws IllegalStateException if it is set to something else already, which is then what the JDK goes by
     */
    public static void set(String property, String value) {
        String present = System.getProperty(property);
        if (present != null && !present.equals(value)) {
            throw new IllegalStateException(property + ": " + present + " (expected: " + value
                    + "; the JDK reads it once: run each benchmark in a JVM of its own, -f 1 or more)");
        }
        System.setProperty(property, value);
    }
}
