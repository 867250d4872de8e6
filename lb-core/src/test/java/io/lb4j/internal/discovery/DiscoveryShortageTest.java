package io.lb4j.internal.discovery;

import static io.lb4j.internal.discovery.DiscoveryStage.INTERVAL;
import static io.lb4j.internal.discovery.DiscoveryStage.TIMEOUT;
import static io.lb4j.internal.discovery.DiscoveryStage.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A step that gets lost because this process is short of memory for a moment. In virtual time. */
@Timeout(60)
class DiscoveryShortageTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration CALL = Duration.ofSeconds(31);

    /** All that a loop does, with no memory at one moment of it: at each one that there is, one at a time. */
    @Test
    void memory_missingOnce_endsNothing() {
        int moments = 0;
        int reached = 1;
        while (moments < reached) {
            moments++;
            try (DiscoveryStage stage = new DiscoveryStage()) {
                stage.queuedWithoutMemory = moments;
                liveThroughEverything(stage);
                reached = stage.queued;
                assertServesOn(stage, "without memory at call " + moments);
            }
        }
        assertThat(moments).as("moments without memory").isGreaterThan(20);
    }

    private static void liveThroughEverything(DiscoveryStage stage) {
        try {
            stage.start(backend(1));
        } catch (InternalError told) {
            // Whoever starts it learns of it.
            stage.loop.start();
            stage.settle();
        }
        stage.live(CALL);
        // Wanted once more while a call is out.
        stage.clock.advance(INTERVAL);
        stage.runDue();
        refresh(stage);
        stage.live(CALL);
        // One that has no answer in time.
        stage.clock.advance(INTERVAL);
        stage.runDue();
        stage.clock.advance(TIMEOUT);
        stage.runDue();
        stage.live(CALL);
        // No thread for one.
        stage.threadsRefused = true;
        stage.live(CALL);
        stage.threadsRefused = false;
        // One that is missing, and dropped between two calls.
        stage.answer = List.of(backend(1), backend(2));
        stage.live(CALL);
        stage.answer = List.of(backend(1));
        stage.live(CALL.plus(CALL));
        // One told of, one told of right behind it, and one told of while a call is out.
        stage.changed.run();
        stage.settle();
        stage.changed.run();
        stage.live(SECOND.plus(SECOND));
        stage.changed.run();
        stage.runDue();
        stage.clock.advance(SECOND);
        stage.changed.run();
        stage.live(SECOND.plus(SECOND));
    }

    /** The queue had no room for the word of a change, or for the task at the end of the pause. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void change_whoseTaskIsLost_isHeededByTheAudit(int moment) {
        try (DiscoveryStage stage = new DiscoveryStage()) {
            stage.start(backend(1));
            stage.answer = List.of(backend(1), backend(2));
            stage.queuedWithoutMemory = stage.queued + moment;
            stage.changed.run();
            stage.runDue();
            stage.live(SECOND);
            assertThat(stage.queued).isGreaterThanOrEqualTo(stage.queuedWithoutMemory);
            stage.assertToldLast(backend(1), backend(2));
            assertThat(stage.calls).isEqualTo(2);
        }
    }

    private static void refresh(DiscoveryStage stage) {
        try {
            stage.loop.refresh();
        } catch (InternalError told) {
            // Whoever wants it learns of it.
        }
    }

    private static void assertServesOn(DiscoveryStage stage, String when) {
        stage.answer = List.of(backend(1), backend(7));
        int before = stage.calls;
        stage.live(CALL.plus(SECOND));
        assertThat(stage.calls).as(when).isGreaterThan(before);
        assertThat(stage.told.get(stage.told.size() - 1)).as(when).containsExactly(backend(1), backend(7));
        before = stage.calls;
        stage.live(INTERVAL.multipliedBy(10));
        assertThat(stage.calls - before).as(when).isBetween(9, 11);
    }

    @Test
    void audit_whileAllIsWell_doesNothing() {
        try (DiscoveryStage stage = new DiscoveryStage()) {
            stage.start(backend(1));
            for (int i = 0; i < 10; i++) {
                stage.advance(SECOND);
                int queued = stage.queued;
                stage.audit();
                assertThat(stage.queued).isEqualTo(queued);
            }
            stage.assertNextCallIn(INTERVAL.minusSeconds(10));
            assertThat(stage.told).hasSize(1);
            assertThat(stage.log.messages()).isEmpty();
        }
    }

    @Test
    void audit_beforeTheStartAndAfterTheEnd_doesNothing() {
        try (DiscoveryStage stage = new DiscoveryStage()) {
            stage.make(List::of);
            stage.clock.advance(INTERVAL);
            stage.audit();
            assertThat(stage.queued).isZero();
            stage.loop.start();
            stage.settle();
            stage.loop.close();
            int queued = stage.queued;
            stage.live(INTERVAL.plus(INTERVAL));
            assertThat(stage.queued).isEqualTo(queued);
        }
    }

    @Test
    void answer_thatCouldNotBeHandedOver_isHandedOverByTheAudit() {
        try (DiscoveryStage stage = new DiscoveryStage()) {
            stage.sink = backends -> {
                stage.told.add(backends);
                if (stage.told.size() < 3) {
                    throw new InternalError("no memory, on purpose");
                }
                return List.of();
            };
            stage.start(backend(1));
            stage.live(Duration.ofSeconds(5));
            assertThat(stage.calls).as("it was not asked again").isEqualTo(1);
            assertThat(stage.told).hasSize(3);
            assertThat(stage.audited).hasSize(1);
        }
    }

    /** The thread that was to take it died of the same want of memory, after the call had been queued for it. */
    @Test
    void call_thatNoThreadEverTook_isGivenUp() {
        try (DiscoveryStage stage = new DiscoveryStage()) {
            stage.start(backend(1));
            stage.clock.advance(INTERVAL);
            stage.runDue();
            Runnable lost = stage.work.remove();
            stage.answer = List.of(backend(2), backend(1));
            stage.live(TIMEOUT);
            assertThat(stage.log.messages("timed out after 5000 ms")).hasSize(1);
            stage.live(INTERVAL.minus(TIMEOUT));
            assertThat(stage.calls).isEqualTo(2);
            stage.assertToldLast(backend(1), backend(2));
            lost.run();
            stage.settle();
            assertThat(stage.calls).as("too late to ask").isEqualTo(2);
        }
    }

    @Test
    void call_thatIsOut_isNotMadeAgainByTheAudit() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (DiscoveryStage stage = new DiscoveryStage()) {
            stage.make(() -> {
                        stage.calls++;
                        inside.countDown();
                        while (release.getCount() > 0) {
                            awaitUninterrupted(release);
                        }
                        return List.of(backend(1));
                    })
                    .start();
            stage.runDue();
            CompletableFuture<Void> thread = Background.run(stage.work.remove()::run);
            assertThat(inside.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                    .isTrue();
            stage.live(INTERVAL.multipliedBy(3));
            assertThat(stage.calls).isEqualTo(1);
            assertThat(stage.log.messages()).hasSize(1);
            release.countDown();
            thread.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            stage.settle();
            assertThat(stage.calls).as("it was wanted meanwhile").isEqualTo(2);
            stage.assertToldLast(backend(1));
        }
    }

    private static void awaitUninterrupted(CountDownLatch release) {
        try {
            release.await();
        } catch (InterruptedException ignored) {
            // That is what makes it a hostile discovery.
        }
    }
}
