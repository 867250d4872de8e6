package io.lb4j.internal.util;

import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Everything the library takes from its surroundings: sockets, time, chance and threads. Handing in others runs the unmodified
 * engine on a simulated network in virtual time.
 *
 * @param sockets opens every channel and selector of the engine
 * @param nanoClock the time, in nanoseconds from any origin; only differences are used
 * @param random the source of every random number; thread-safe
 * @param threads makes every thread; what it is given is a {@link SteppedTask} where it can also be run step by step
 * @param workers makes the pools whose threads may block
 * @param connectionsThatFit how many connections there are descriptors for; the maximum when that is not known
 * @param socketTable what the kernel tells of sockets; null when it does not
 * @param watch looks whether guests return
 */
public record Platform(
        SelectorProvider sockets,
        LongSupplier nanoClock,
        RandomGenerator random,
        ThreadFactory threads,
        Workers workers,
        IntSupplier connectionsThatFit,
        @Nullable SocketTable socketTable,
        Watch watch) {
    private static final int IDLE_SECONDS = 5;
    private static final Platform SYSTEM = new Platform(
            SelectorProvider.provider(),
            System::nanoTime,
            () -> ThreadLocalRandom.current().nextLong(),
            Platform::daemonThread,
            (name, most) -> pool(Platform::daemonThread, name, most),
            Descriptors::connectionsThatFit,
            SocketTable.ofThisMachine(),
            Watch.running());

    /** Makes pools of threads for work that blocks. */
    @FunctionalInterface
    public interface Workers {
        /** As many threads as there is work. */
        int UNBOUNDED = Integer.MAX_VALUE;

        /**
         * A pool whose threads are made when needed, {@code most} at a time, are named after the pool and a number, and
         * end when idle. Work that finds no thread free waits; what a closed pool is given is forgotten.
         */
        ExecutorService pool(String name, int most);
    }

    /** A platform whose pools take their threads from the same factory, and whose guests nobody watches. */
    public Platform(SelectorProvider sockets, LongSupplier nanoClock, RandomGenerator random, ThreadFactory threads) {
        this(sockets, nanoClock, random, threads, (name, most) -> pool(threads, name, most));
    }

    /** A platform that knows of no limits and of no socket table, and whose guests nobody watches. */
    public Platform(
            SelectorProvider sockets,
            LongSupplier nanoClock,
            RandomGenerator random,
            ThreadFactory threads,
            Workers workers) {
        this(sockets, nanoClock, random, threads, workers, () -> Integer.MAX_VALUE, null, Watch.NONE);
    }

    /** The same, but for where its workers come from. */
    public Platform with(Workers others) {
        return new Platform(sockets, nanoClock, random, threads, others, connectionsThatFit, socketTable, watch);
    }

    /** The same, but for its sockets. */
    public Platform with(SelectorProvider others) {
        return new Platform(others, nanoClock, random, threads, workers, connectionsThatFit, socketTable, watch);
    }

    /** The JDK's sockets, the system's monotonic clock, daemon threads. */
    public static Platform system() {
        return SYSTEM;
    }

    /** Makes a thread of this name for a task; not started. */
    public Thread thread(String name, Runnable task) {
        return named(threads, name, task);
    }

    private static ExecutorService pool(ThreadFactory threads, String name, int most) {
        AtomicInteger count = new AtomicInteger();
        boolean bounded = most != Workers.UNBOUNDED;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                bounded ? most : 1,
                most,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                bounded ? new LinkedBlockingQueue<>() : new SynchronousQueue<>(),
                task -> named(threads, name + "-" + count.getAndIncrement(), task),
                new ThreadPoolExecutor.DiscardPolicy());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static Thread named(ThreadFactory threads, String name, Runnable task) {
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
