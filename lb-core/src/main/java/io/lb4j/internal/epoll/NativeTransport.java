package io.lb4j.internal.epoll;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The native transport, or why there is none. Thread-safe. */
public final class NativeTransport {
    private static final int FIRST_JAVA = 22;
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "aarch64");

    private final @Nullable SelectorProvider sockets;
    private final String reason;
    private final boolean isLeftOut;

    private NativeTransport(@Nullable SelectorProvider sockets, String reason, boolean isLeftOut) {
        this.sockets = sockets;
        this.reason = reason;
        this.isLeftOut = isLeftOut;
    }

    private static NativeTransport none(String reason) {
        return new NativeTransport(null, reason, false);
    }

    private static @Nullable NativeTransport found;

    /** Looks for it, until it has been found; that may take some milliseconds. */
    public static synchronized NativeTransport find() {
        NativeTransport present = found;
        if (present == null) {
            present = look();
            found = present.sockets == null ? null : present;
        }
        return present;
    }

    /** Its sockets; null when there is none. */
    public @Nullable SelectorProvider sockets() {
        return sockets;
    }

    /** Why there is none, and what can be done about it; of no meaning when there is one. */
    public String reason() {
        return reason;
    }

    /** Whether everything is there but its classes. */
    public boolean isLeftOut() {
        return isLeftOut;
    }

    private static NativeTransport look() {
        try {
            String missing = missing();
            return missing == null ? new NativeTransport(open(), "", false) : none(missing);
        } catch (ClassNotFoundException builtWithout) {
            return new NativeTransport(null, "this jar was built by a JDK older than " + FIRST_JAVA, true);
        } catch (Throwable failure) {
            return none("this machine refuses it: " + failure);
        }
    }

    private static @Nullable String missing() throws Throwable {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (!system.startsWith("Linux ") || !ARCHITECTURES.contains(System.getProperty("os.arch"))) {
            return "it is for Linux on x86-64 and aarch64, and this is " + system;
        }
        if (Runtime.version().feature() < FIRST_JAVA) {
            return "it needs Java " + FIRST_JAVA + " or newer, and this is "
                    + Runtime.version().feature();
        }
        if (!(boolean) method("isGranted", boolean.class).invokeExact()) {
            Module module = NativeTransport.class.getModule();
            return "native access is not granted (add --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED")
                    + ", or Enable-Native-Access: ALL-UNNAMED to the manifest of the jar that java -jar runs)";
        }
        return null;
    }

    private static SelectorProvider open() throws Throwable {
        return (SelectorProvider) method("open", SelectorProvider.class).invokeExact();
    }

    private static MethodHandle method(String name, Class<?> result) throws ReflectiveOperationException {
        return MethodHandles.lookup()
                .findStatic(Class.forName("io.lb4j.internal.epoll.EpollSockets"), name, MethodType.methodType(result));
    }
}
