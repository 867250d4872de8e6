package io.lb4j.proxy;

import java.util.Locale;

/**
 * By which sockets a proxy accepts, connects and relays. What happens to a connection is the same with each. So is what neither
 * notices: that a side is gone which is not read from, because the other takes no more or its bandwidth is used up, before it
 * is read from again or the {@linkplain TimeoutPolicy stall timeout} is over.
 */
public enum Transport {
    /**
     * The native one where it is to be had and allowed, else the JDK's. The system property {@code lb4j.transport},
     * {@code jdk} or {@code native}, is what it means instead, so that an operator can choose. The default.
     */
    AUTO,

    /** The channels of java.nio, on every system. */
    JDK,

    /**
     * The system's own calls, through the JDK's foreign function API: about half of the system calls of the JDK's
     * channels for a short connection. On Linux (x86-64, aarch64), with Java 22 or newer, for whoever grants it: by {@code
     * --enable-native-access=ALL-UNNAMED} ({@code =io.lb4j} where lb4j is on the module path), or by {@code
     * Enable-Native-Access: ALL-UNNAMED} in the manifest of the jar that {@code java -jar} runs.
     *
     * <p>Streams that are fast pass through pipes of the kernel ({@code splice(2)}): one for each loop, one more for each
     * that its receiver slows down, at most 16 in all (or one for a loop), each with two descriptors. What these hold counts as
     * {@linkplain LimitPolicy buffered bytes}. A user without privileges may have 64 MiB in pipes ({@code
     * /proc/sys/fs/pipe-user-pages-soft}); streams for which there is none are copied.
     */
    NATIVE;

    /** Its name in logs, metrics and options: {@code auto}, {@code jdk} or {@code native}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
