package io.lb4j.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.lb4j.testing.EventLog;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsyncListenerTest {
    private static final Duration PATIENCE = Duration.ofMillis(Peer.PATIENCE_MILLIS);

    private final EventLog heard = new EventLog();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final AsyncListener async = LoadBalancerListener.async(heard, tasks::add);

    @Test
    void calls_areMadeByTheExecutorInTheirOrder() {
        for (int i = 0; i < 1000; i++) {
            async.connectionAccepted(accepted(i));
        }
        assertThat(heard.events()).isEmpty();
        assertThat(tasks).as("one task at a time").hasSize(1);
        runAll();
        assertThat(heard.of(ConnectionAccepted.class))
                .extracting(ConnectionAccepted::id)
                .containsExactlyElementsOf(LongStream.range(0, 1000).boxed().toList());
        async.connectionAccepted(accepted(1000));
        assertThat(tasks).hasSize(1);
        runAll();
        assertThat(heard.events()).hasSize(1001);
        assertThat(async.dropped()).isZero();
    }

    @Test
    void calls_thatAreTooMany_areDroppedAndCounted() {
        for (int i = 0; i < AsyncListener.CAPACITY + 5; i++) {
            async.connectionAccepted(accepted(i));
        }
        assertThat(async.dropped()).isEqualTo(5);
        runAll();
        assertThat(heard.events()).hasSize(AsyncListener.CAPACITY);
        async.acceptResumed();
        runAll();
        assertThat(heard.events()).last().isEqualTo(EventLog.Plain.ACCEPT_RESUMED);
    }

    @Test
    void calls_thatTheExecutorRejects_areDroppedAndCounted() {
        boolean[] rejects = {true};
        AsyncListener listener = LoadBalancerListener.async(heard, task -> {
            if (rejects[0]) {
                throw new RejectedExecutionException();
            }
            task.run();
        });
        listener.reconfigured();
        assertThat(listener.dropped()).isEqualTo(1);
        rejects[0] = false;
        listener.reconfigured();
        assertThat(heard.events()).containsExactly(EventLog.Plain.RECONFIGURED);
    }

    /** The heap was full when the queue wanted a node: the call is counted and will never be in the queue. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 9})
    void calls_thatTheQueueHasNoMemoryFor_areDroppedAndCounted(int without) {
        AsyncListener listener = new AsyncListener(heard, tasks::add, new FullAt(without));
        for (int i = 0; i < 10; i++) {
            listener.connectionAccepted(accepted(i));
        }
        assertTimeoutPreemptively(PATIENCE, this::runAll);
        assertThat(listener.dropped()).isEqualTo(1);
        assertThat(heard.of(ConnectionAccepted.class))
                .extracting(ConnectionAccepted::id)
                .containsExactlyElementsOf(LongStream.range(0, 10)
                        .filter(i -> i != without)
                        .boxed()
                        .toList());
        listener.reconfigured();
        runAll();
        assertThat(heard.events()).as("healed").last().isEqualTo(EventLog.Plain.RECONFIGURED);
        assertThat(listener.dropped()).isEqualTo(1);
    }

    @Test
    void calls_lostAndThenRejected_areCountedEachOnce() {
        AsyncListener listener = new AsyncListener(heard, rejected -> fail(), new FullAt(0));
        assertTimeoutPreemptively(PATIENCE, listener::acceptResumed);
        listener.acceptResumed();
        assertThat(listener.dropped()).isEqualTo(2);
    }

    private static void fail() {
        throw new InternalError("no memory, on purpose");
    }

    private static final class FullAt extends ConcurrentLinkedQueue<Object> {
        private static final long serialVersionUID = 1;
        private final AtomicInteger left;

        FullAt(int number) {
            left = new AtomicInteger(number);
        }

        @Override
        public boolean add(Object element) {
            if (left.getAndDecrement() == 0) {
                throw new InternalError("no memory, on purpose");
            }
            return super.add(element);
        }
    }

    @Test
    void listener_thatThrows_hearsTheNextCall() {
        EventLog next = new EventLog();
        AsyncListener listener = LoadBalancerListener.async(
                new LoadBalancerListener() {
                    @Override
                    public void acceptResumed() {
                        throw new IllegalStateException("scripted");
                    }

                    @Override
                    public void reconfigured() {
                        next.reconfigured();
                    }
                },
                tasks::add);
        listener.acceptResumed();
        listener.reconfigured();
        runAll();
        assertThat(next.events()).hasSize(1);
    }

    /** The log's back end is somebody else's, and may be what fails: the calls behind it are made all the same. */
    @Test
    void failure_thatCannotBeLogged_endsNothing() {
        try (LogCapture log = LogCapture.open()) {
            log.failWith(new InternalError("no memory, on purpose"));
            AsyncListener listener = LoadBalancerListener.async(new Failing(), tasks::add);
            for (int i = 0; i < 3; i++) {
                listener.reconfigured();
            }
            runAll();
            assertThat(listener.dropped()).isZero();
            listener.reconfigured();
            assertThat(tasks).as("nobody waits for a task that has ended").hasSize(1);
        }
    }

    private static final class Failing implements LoadBalancerListener {
        @Override
        public void reconfigured() {
            throw new IllegalStateException("on purpose");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 7, 50_000})
    void calls_ofManyThreads_areAllMadeOrCounted(int without) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        AsyncListener listener = new AsyncListener(heard, pool, new FullAt(without));
        int threads = 4;
        int each = 20_000;
        CountDownLatch done = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            new Thread(() -> {
                        for (int call = 0; call < each; call++) {
                            listener.acceptResumed();
                        }
                        done.countDown();
                    })
                    .start();
        }
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        await().until(() -> heard.events().size() + listener.dropped() == threads * each);
        pool.shutdown();
        assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private static ConnectionAccepted accepted(long id) {
        return new ConnectionAccepted(
                id, InetSocketAddress.createUnresolved("c", 1), InetSocketAddress.createUnresolved("l", 2), "frontend");
    }
}
