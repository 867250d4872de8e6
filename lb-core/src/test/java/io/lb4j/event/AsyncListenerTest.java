package io.lb4j.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.EventLog;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AsyncListenerTest {
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

    @Test
    void calls_ofManyThreads_areAllMadeOrCounted() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        AsyncListener listener = LoadBalancerListener.async(heard, pool);
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
                id, InetSocketAddress.createUnresolved("c", 1), InetSocketAddress.createUnresolved("l", 2));
    }
}
