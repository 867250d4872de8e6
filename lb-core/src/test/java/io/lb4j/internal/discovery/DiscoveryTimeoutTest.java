package io.lb4j.internal.discovery;

import static io.lb4j.internal.discovery.DiscoveryStage.INTERVAL;
import static io.lb4j.internal.discovery.DiscoveryStage.NANO;
import static io.lb4j.internal.discovery.DiscoveryStage.TIMEOUT;
import static io.lb4j.internal.discovery.DiscoveryStage.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.internal.util.ControlLoop;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Calls that do not come back, and the end. In virtual time, but for where threads are the subject. */
@Timeout(60)
class DiscoveryTimeoutTest {
    private final DiscoveryStage stage = new DiscoveryStage();
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        stage.close();
    }

    /** A first good answer, and then a call that is under way. */
    private Runnable hang() {
        stage.start(backend(1));
        stage.clock.advance(INTERVAL);
        stage.runDue();
        return stage.work.remove();
    }

    @Test
    void timeout_exactlyAtTheBound_isAFailure() {
        hang();
        stage.advance(TIMEOUT.minus(NANO));
        assertThat(stage.log.messages()).isEmpty();
        stage.advance(NANO);
        assertThat(stage.log.messages())
                .containsExactly(
                        "orders: discovery stage failed (timed out after 5000 ms); kept the last good list, 1 backend");
        assertThat(stage.told).hasSize(1);
    }

    @Test
    void result_justInTime_counts() {
        Runnable call = hang();
        stage.advance(TIMEOUT.minus(NANO));
        stage.answer = List.of(backend(1), backend(2));
        call.run();
        stage.advance(NANO);
        assertThat(stage.log.messages()).isEmpty();
        stage.assertToldLast(backend(1), backend(2));
    }

    @Test
    void result_afterTheTimeout_isDropped() throws Exception {
        BackendDiscovery stubborn = () -> {
            inside.countDown();
            awaitUninterruptibly();
            return List.of(backend(1));
        };
        stage.make(stubborn).start();
        stage.runDue();
        CompletableFuture<Void> thread = Background.run(stage.work.remove()::run);
        assertThat(inside.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        stage.advance(TIMEOUT);
        release.countDown();
        thread.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        stage.runDue();
        assertThat(stage.told).isEmpty();
        assertThat(stage.log.messages()).hasSize(1);
        stage.advance(INTERVAL.minus(TIMEOUT));
        stage.assertToldLast(backend(1));
    }

    @Test
    void call_thatIsOut_isNotMadeAgainBeforeItCameBack() {
        Runnable call = hang();
        stage.advance(TIMEOUT);
        for (int i = 0; i < 10; i++) {
            stage.advance(INTERVAL);
        }
        assertThat(stage.calls).isEqualTo(1);
        assertThat(stage.log.messages()).hasSize(1);

        // It never had a thread before its time was over: then it asks nothing, and the next one comes at once.
        call.run();
        assertThat(stage.calls).isEqualTo(1);
        stage.settle();
        assertThat(stage.calls).isEqualTo(2);
        assertThat(stage.log.messages("works again")).hasSize(1);
        stage.assertNextCallIn(INTERVAL);
    }

    @Test
    void message_thatACallIsBack_mayGetLost() {
        // The thread came back and had no memory left to say so.
        ((DiscoveryCall) hang()).abandon(new OutOfMemoryError("heap"));
        stage.assertNextCallIn(INTERVAL);
        assertThat(stage.log.messages("OutOfMemoryError: heap")).hasSize(1);

        stage.clock.advance(INTERVAL);
        stage.runDue();
        ((DiscoveryCall) stage.work.remove()).abandon(new OutOfMemoryError("heap"));
        stage.loop.refresh();
        stage.settle();
        assertThat(stage.calls).isEqualTo(3);
        assertThat(stage.told).hasSize(1);
    }

    @Test
    void timeout_interruptsTheCall_andNothingElseOfItsThread() throws Exception {
        AtomicReference<Boolean> flagAfterwards = new AtomicReference<>();
        stage.make(() -> {
                    inside.countDown();
                    release.await();
                    return List.of();
                })
                .start();
        stage.runDue();
        Runnable call = stage.work.remove();
        CompletableFuture<Void> thread = Background.run(() -> {
            call.run();
            flagAfterwards.set(Thread.currentThread().isInterrupted());
        });
        assertThat(inside.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        stage.advance(TIMEOUT);
        thread.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(flagAfterwards).hasValue(false);
        stage.runDue();
        assertThat(stage.log.messages()).hasSize(1);
        assertThat(stage.log.messages("timed out after 5000 ms")).hasSize(1);
    }

    // ---- the end

    @Test
    void close_duringACall_dropsItsResultAndAsksNoMore() {
        Runnable call = hang();
        stage.loop.close();
        stage.answer = List.of(backend(1), backend(2));
        call.run();
        for (int i = 0; i < 5; i++) {
            stage.loop.refresh();
            stage.advance(INTERVAL);
        }
        assertThat(stage.told).hasSize(1);
        assertThat(stage.calls).as("it had no thread yet").isEqualTo(1);
        assertThat(stage.log.messages()).isEmpty();
    }

    @Test
    void close_duringACall_interruptsIt() throws Exception {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        stage.make(() -> {
                    inside.countDown();
                    try {
                        release.await();
                        interrupted.complete(false);
                    } catch (InterruptedException expected) {
                        interrupted.complete(true);
                    }
                    return List.of(backend(1));
                })
                .start();
        stage.runDue();
        CompletableFuture<Void> thread = Background.run(stage.work.remove()::run);
        assertThat(inside.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        stage.loop.close();
        assertThat(interrupted.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        thread.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        stage.settle();
        assertThat(stage.told).isEmpty();
    }

    @Test
    void close_beforeTheStartAndTwice_isTheEnd() {
        stage.make(() -> List.of(backend(1)));
        stage.loop.close();
        stage.loop.close();
        stage.loop.start();
        stage.settle();
        assertThat(stage.told).isEmpty();
    }

    @Test
    void threads_ofTheSystem_askAndEnd() throws Exception {
        Platform system = Platform.system();
        NamedLog log = new NamedLog(LoggerFactory.getLogger(getClass()), "orders");
        ControlLoop control = new ControlLoop(system.nanoClock(), new RateLimitedLog(log, system.nanoClock()));
        Thread controlThread = system.thread("lb-orders-control", control);
        controlThread.start();
        AtomicReference<DiscoveryLoop> loop = new AtomicReference<>();
        CompletableFuture<List<Backend>> told = new CompletableFuture<>();
        CompletableFuture<String> name = new CompletableFuture<>();
        BackendDiscovery closesItsOwnLoop = () -> {
            name.complete(Thread.currentThread().getName());
            if (told.isDone()) {
                loop.get().close();
                loop.get().awaitClosed(TimeUnit.DAYS.toNanos(1));
            }
            return List.of(backend(1));
        };
        loop.set(new DiscoveryLoop(
                "orders",
                closesItsOwnLoop,
                DiscoveryPolicy.builder().build(),
                backends -> {
                    told.complete(backends);
                    return List.of();
                },
                control,
                system));
        loop.get().start();
        assertThat(told.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).containsExactly(backend(1));
        assertThat(name.getNow("")).isEqualTo("lb-orders-discovery-0");

        loop.get().refresh();
        loop.get().awaitClosed(TimeUnit.MILLISECONDS.toNanos(Peer.PATIENCE_MILLIS));
        loop.get().close();
        control.end();
        controlThread.join(Peer.PATIENCE_MILLIS);
    }

    private void awaitUninterruptibly() {
        boolean released = false;
        while (!released) {
            try {
                release.await();
                released = true;
            } catch (InterruptedException ignored) {
                // That is what makes it a hostile discovery.
            }
        }
    }
}
