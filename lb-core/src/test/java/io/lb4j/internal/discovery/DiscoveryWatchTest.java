package io.lb4j.internal.discovery;

import static io.lb4j.internal.discovery.DiscoveryStage.INTERVAL;
import static io.lb4j.internal.discovery.DiscoveryStage.TIMEOUT;
import static io.lb4j.internal.discovery.DiscoveryStage.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A discovery that tells of changes. In virtual time, but for where threads are the subject. */
@Timeout(60)
class DiscoveryWatchTest {
    private static final Duration PAUSE = Duration.ofNanos(DiscoveryLoop.PAUSE);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final DiscoveryStage stage = new DiscoveryStage();

    @AfterEach
    void close() {
        stage.close();
    }

    // ---- changes

    @Test
    void change_isAskedForAtOnce_andMovesTheSchedule() {
        stage.start(backend(1));
        stage.advance(SECOND);
        stage.answer = List.of(backend(1), backend(2));
        stage.changed.run();
        stage.settle();
        stage.assertToldLast(backend(1), backend(2));
        stage.assertNextCallIn(INTERVAL);
        stage.assertNextCallIn(INTERVAL);
    }

    @Test
    void change_rightBehindACall_isAskedForAfterThePause() {
        stage.start(backend(1));
        stage.advance(PAUSE.dividedBy(4));
        stage.answer = List.of(backend(2), backend(1));
        stage.changed.run();
        stage.settle();
        stage.assertNextCallIn(PAUSE.dividedBy(4).multipliedBy(3));
        stage.assertToldLast(backend(1), backend(2));
        stage.assertNextCallIn(INTERVAL);
    }

    @Test
    void changes_thatNeverEnd_costTenCallsASecondAndTheLastOneCounts() {
        stage.start(backend(1));
        int queuedBefore = stage.queued;
        for (int milli = 1; milli <= 1000; milli++) {
            stage.answer = List.of(backend(1), backend(2).withWeight(milli));
            for (int i = 0; i < 100; i++) {
                stage.changed.run();
            }
            stage.advance(Duration.ofMillis(1));
        }
        assertThat(stage.calls - 1).isEqualTo(10);
        assertThat(stage.queued - queuedBefore).as("tasks for 100 000 changes").isLessThan(100);
        stage.advance(PAUSE);
        stage.assertToldLast(backend(1), backend(2).withWeight(1000));
    }

    @Test
    void changes_duringACall_bringOneMore() {
        stage.start(backend(1));
        stage.advance(SECOND);
        stage.changed.run();
        stage.runDue();
        // What this call has seen may be older than the change.
        stage.clock.advance(SECOND);
        for (int i = 0; i < 1000; i++) {
            stage.changed.run();
        }
        stage.runDue();
        assertThat(stage.work).hasSize(1);
        stage.settle();
        assertThat(stage.calls).isEqualTo(3);
        stage.assertNextCallIn(INTERVAL);
    }

    @Test
    void change_duringALongCall_leavesTheAuditNothingToDo() {
        stage.policy.timeout(INTERVAL.minusSeconds(1));
        stage.start(backend(1));
        stage.advance(SECOND);
        stage.changed.run();
        stage.runDue();
        stage.clock.advance(SECOND);
        stage.changed.run();
        stage.runDue();
        int queued = stage.queued;
        for (int i = 0; i < 10; i++) {
            stage.clock.advance(SECOND);
            stage.audit();
        }
        assertThat(stage.queued).isEqualTo(queued);
        stage.settle();
        assertThat(stage.calls).isEqualTo(3);
    }

    @Test
    void change_beforeACallThatIsDueSooner_doesNotPutItOff() {
        Duration interval = PAUSE.dividedBy(2);
        stage.policy.interval(interval);
        stage.start(backend(1));
        stage.changed.run();
        stage.settle();
        stage.assertNextCallIn(interval);
    }

    @Test
    void change_duringAShortCall_waitsForTheEndOfThePause() {
        stage.start(backend(1));
        stage.advance(SECOND);
        stage.changed.run();
        stage.runDue();
        stage.changed.run();
        stage.settle();
        assertThat(stage.calls).isEqualTo(2);
        stage.assertNextCallIn(PAUSE);
    }

    @Test
    void source_thatTellsOfAChangeEachTimeItIsAsked_isAskedTenTimesASecond() {
        stage.make(new BackendDiscovery() {
                    private Runnable changed;

                    @Override
                    public List<Backend> discover() {
                        stage.calls++;
                        changed.run();
                        return List.of(backend(1));
                    }

                    @Override
                    public AutoCloseable watch(Runnable toBeTold) {
                        changed = toBeTold;
                        return () -> {};
                    }
                })
                .start();
        stage.settle();
        for (int i = 0; i < 1000; i++) {
            stage.advance(Duration.ofMillis(1));
        }
        assertThat(stage.calls).isEqualTo(11);
    }

    @Test
    void change_withoutABackend_isAnEmptyAnswerAsAnyOther() {
        stage.start(backend(1));
        stage.answer = List.of();
        tellSecondAfterSecond();
        assertThat(stage.told).hasSize(1);
        assertThat(stage.log.messages())
                .containsExactly(
                        "orders: discovery stage answered without a backend; kept the last good list, 1 backend");
    }

    @Test
    void registry_thatIsLost_isSaidAtOnceAndOnce_andSoIsItsReturn() {
        stage.start(backend(1), backend(2));
        stage.failure = new IOException("connection to the registry is lost");
        tellSecondAfterSecond();
        stage.advance(INTERVAL);
        assertThat(stage.told).hasSize(1);
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery stage failed (connection to the registry is lost);"
                        + " kept the last good list, 2 backends");
        stage.failure = null;
        tellSecondAfterSecond();
        assertThat(stage.log.messages()).hasSize(2).last().isEqualTo("orders: discovery stage works again, 2 backends");
    }

    @Test
    void registry_thatIsBackWithinASecond_isSaidToBeAtTheEndOfThat() {
        stage.start(backend(1));
        stage.advance(SECOND);
        stage.failure = new IOException("lost");
        stage.changed.run();
        stage.settle();
        stage.advance(PAUSE);
        stage.failure = null;
        stage.changed.run();
        stage.settle();
        assertThat(stage.log.messages()).hasSize(1);
        stage.live(SECOND);
        assertThat(stage.log.messages()).hasSize(2).last().isEqualTo("orders: discovery stage works again, 1 backend");
        stage.live(SECOND.multipliedBy(5));
        assertThat(stage.log.messages()).hasSize(2);
        assertThat(stage.calls).isEqualTo(3);
    }

    @Test
    void registry_thatComesAndGoes_isSaidOnceASecondAndNotAfterwards() {
        stage.start(backend(1));
        for (int i = 0; i < 100; i++) {
            stage.failure = i % 2 == 0 ? new IOException("lost") : null;
            stage.advance(PAUSE);
            stage.changed.run();
            stage.settle();
            if (i % 10 == 9) {
                stage.audit();
            }
        }
        assertThat(stage.log.messages()).hasSizeBetween(2, 11);
        stage.live(SECOND.plus(SECOND));
        int said = stage.log.messages().size();
        assertThat(stage.log.messages()).last().asString().contains("works again");
        stage.live(INTERVAL);
        assertThat(stage.log.messages()).hasSize(said);
    }

    private void tellSecondAfterSecond() {
        for (int i = 0; i < 5; i++) {
            stage.advance(SECOND);
            stage.changed.run();
            stage.settle();
        }
    }

    @Test
    void changes_fromManyThreads_areAllSeen() throws Exception {
        stage.start(backend(1));
        stage.answer = List.of(backend(1), backend(2));
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Background.run(() -> {
                for (int n = 0; n < 10_000; n++) {
                    stage.changed.run();
                }
            }));
        }
        for (CompletableFuture<Void> thread : threads) {
            thread.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
        stage.advance(PAUSE);
        stage.assertToldLast(backend(1), backend(2));
        assertThat(stage.calls).isEqualTo(2);
    }

    // ---- the begin of the watch

    @Test
    void watch_beginsBeforeTheFirstQuestion_andOnce() {
        List<String> order = new ArrayList<>();
        stage.make(new BackendDiscovery() {
                    @Override
                    public List<Backend> discover() {
                        order.add("asked");
                        return List.of(backend(1));
                    }

                    @Override
                    public AutoCloseable watch(Runnable changed) {
                        order.add("watched");
                        return () -> order.add("ended");
                    }
                })
                .start();
        stage.settle();
        stage.advance(INTERVAL);
        stage.loop.close();
        stage.settle();
        assertThat(order).containsExactly("watched", "asked", "asked", "ended");
    }

    @Test
    void watch_thatCannotBegin_isSaidOnce_andTriedAgainWithEachCall() {
        stage.watchFailure = new IOException("no route");
        stage.start(backend(1));
        stage.assertToldLast(backend(1));
        stage.assertNextCallIn(INTERVAL);
        stage.assertNextCallIn(INTERVAL);
        assertThat(stage.watches).isEqualTo(3);
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery stage cannot be watched (no route); it is only asked until it can");
        stage.watchFailure = null;
        stage.assertNextCallIn(INTERVAL);
        stage.assertNextCallIn(INTERVAL);
        assertThat(stage.watches).isEqualTo(4);
        assertThat(stage.log.messages()).hasSize(2).last().isEqualTo("orders: discovery stage is watched again");
    }

    @Test
    void watch_thatIsNull_isOneThatCannotBegin() {
        stage.make(new BackendDiscovery() {
                    @Override
                    public List<Backend> discover() {
                        return List.of(backend(1));
                    }

                    @Override
                    public AutoCloseable watch(Runnable changed) {
                        return null;
                    }
                })
                .start();
        stage.settle();
        stage.assertToldLast(backend(1));
        assertThat(stage.log.messages("cannot be watched (NullPointerException: watch: null (expected: what ends it))"))
                .hasSize(1);
        stage.loop.close();
        assertThat(stage.work).isEmpty();
    }

    @Test
    void watch_thatDoesNotBegin_isInterruptedAtTheTimeoutAndTriedAgain() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        stage.make(new BackendDiscovery() {
                    @Override
                    public List<Backend> discover() {
                        stage.calls++;
                        return List.of(backend(1));
                    }

                    @Override
                    public AutoCloseable watch(Runnable changed) throws InterruptedException {
                        if (stage.watches++ == 0) {
                            inside.countDown();
                            new CountDownLatch(1).await();
                        }
                        return () -> {};
                    }
                })
                .start();
        stage.runDue();
        CompletableFuture<Void> thread = Background.run(stage.work.remove()::run);
        assertThat(inside.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        stage.advance(TIMEOUT);
        thread.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(stage.calls).as("its time was over").isZero();
        assertThat(stage.log.messages("timed out after 5000 ms")).hasSize(1);
        stage.advance(INTERVAL);
        assertThat(stage.watches).isEqualTo(2);
        stage.assertToldLast(backend(1));
    }

    // ---- the end

    @Test
    void close_endsTheWatchOnce_andWhatIsToldAfterwardsDoesNothing() {
        stage.start(backend(1));
        stage.loop.close();
        assertThat(stage.watchesEnded).as("not on this thread").isZero();
        stage.loop.close();
        stage.settle();
        assertThat(stage.watchesEnded).isEqualTo(1);
        int queued = stage.queued;
        stage.changed.run();
        stage.live(INTERVAL);
        assertThat(stage.queued).isEqualTo(queued);
        assertThat(stage.calls).isEqualTo(1);
    }

    @Test
    void close_ofOneThatTellsNothing_needsNoThread() {
        stage.make(() -> List.of(backend(1))).start();
        stage.settle();
        stage.threadsRefused = true;
        stage.loop.close();
        assertThat(stage.work).isEmpty();
        assertThat(stage.log.messages()).isEmpty();
    }

    @Test
    void close_withoutAThread_saysThatTheWatchIsNotEnded() {
        stage.start(backend(1));
        stage.threadsRefused = true;
        stage.loop.close();
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery stage: its watch could not be closed"
                        + " (OutOfMemoryError: unable to create native thread)");
    }

    @Test
    void close_ofAWatchThatThrows_isSaid() {
        stage.make(watchThatEnds(() -> {
                    throw new IOException("on purpose");
                }))
                .start();
        stage.settle();
        stage.loop.close();
        stage.settle();
        assertThat(stage.log.messages("its watch could not be closed (on purpose)"))
                .hasSize(1);
    }

    @Test
    void close_duringTheBeginOfTheWatch_endsItBehindThat() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        stage.make(new BackendDiscovery() {
                    @Override
                    public List<Backend> discover() {
                        return List.of(backend(1));
                    }

                    @Override
                    public AutoCloseable watch(Runnable changed) throws InterruptedException {
                        inside.countDown();
                        awaitUninterruptibly(release);
                        return () -> stage.watchesEnded++;
                    }
                })
                .start();
        stage.runDue();
        CompletableFuture<Void> thread = Background.run(stage.work.remove()::run);
        assertThat(inside.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        stage.loop.close();
        release.countDown();
        thread.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        stage.settle();
        assertThat(stage.watchesEnded).isEqualTo(1);
    }

    private static void awaitUninterruptibly(CountDownLatch release) {
        while (release.getCount() > 0) {
            try {
                release.await();
            } catch (InterruptedException ignored) {
                // That is what makes it a hostile source.
            }
        }
    }

    private static BackendDiscovery watchThatEnds(AutoCloseable end) {
        return new BackendDiscovery() {
            @Override
            public List<Backend> discover() {
                return List.of(backend(1));
            }

            @Override
            public AutoCloseable watch(Runnable changed) {
                return end;
            }

            @Override
            public String toString() {
                return "stage";
            }
        };
    }
}
