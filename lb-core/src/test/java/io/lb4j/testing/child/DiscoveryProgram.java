package io.lb4j.testing.child;

import io.lb4j.discovery.BackendDiscovery;

/** Says what each discovery that could need JNDI does in this JVM, one line each. */
public final class DiscoveryProgram {
    private DiscoveryProgram() {}

    /** Makes a discovery. */
    @FunctionalInterface
    private interface Maker {
        BackendDiscovery make() throws Exception;
    }

    public static void main(String[] arguments) {
        say(() -> BackendDiscovery.dns("127.0.0.1", 9000));
        say(() -> BackendDiscovery.dns("a.test", 9000, "127.0.0.1", 53));
        say(() -> BackendDiscovery.dnsSrv("a.test"));
    }

    private static void say(Maker maker) {
        try {
            BackendDiscovery discovery = maker.make();
            System.out.println(
                    discovery + (discovery.toString().startsWith("dns(127") ? " " + discovery.discover() : ""));
        } catch (Throwable failure) {
            System.out.println(failure);
        }
    }
}
