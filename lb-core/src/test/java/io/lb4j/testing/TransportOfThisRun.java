package io.lb4j.testing;

import io.lb4j.internal.epoll.NativeTransport;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.Objects;

/**
 * The transport that balancers of the tests have who do not ask for one: the native one where there is one, unless {@code
 * -Dlb4j.transport} says otherwise.
 */
public final class TransportOfThisRun {
    private static final String PROPERTY = "lb4j.transport";

    private TransportOfThisRun() {}

    public static boolean isNative() {
        String set = System.getProperty(PROPERTY, "auto");
        return set.equals("native")
                || (set.equals("auto") && NativeTransport.find().sockets() != null);
    }

    public static SelectorProvider sockets() {
        return isNative()
                ? Objects.requireNonNull(
                        NativeTransport.find().sockets(), NativeTransport.find().reason())
                : SelectorProvider.provider();
    }

    /** What another JVM needs to run with the same. */
    public static List<String> jvmOptions() {
        return isNative() ? List.of("--enable-native-access=ALL-UNNAMED") : List.of("-D" + PROPERTY + "=jdk");
    }
}
