package io.lb4j.internal.util;

import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Everything the library takes from its surroundings: sockets, time, chance and threads. Handing in others runs the unmodified
 * engine on a simulated network in virtual time.
 *
 * @param sockets opens every channel and selector of the engine
 * @param nanoClock the time, in nanoseconds from any origin; only differences are used
 * @param random the source of every random number; thread-safe
 * @param threads makes every thread; what it is given is a {@link SteppedTask} where it can also be run step by step
 */
public record Platform(
        SelectorProvider sockets, LongSupplier nanoClock, RandomGenerator random, ThreadFactory threads) {
    private static final Platform SYSTEM = new Platform(
            SelectorProvider.provider(),
            System::nanoTime,
            () -> ThreadLocalRandom.current().nextLong(),
            Platform::daemonThread);

    /** The JDK's sockets, the system's monotonic clock, daemon threads. */
    public static Platform system() {
        return SYSTEM;
    }

    /** Makes a thread of this name for a task; not started. */
    public Thread thread(String name, Runnable task) {
        Thread thread = threads.newThread(task);
        thread.setName(name);
        return thread;
    }

    private static Thread daemonThread(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }
}
