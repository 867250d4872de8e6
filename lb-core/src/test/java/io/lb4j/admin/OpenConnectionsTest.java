package io.lb4j.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.stats.OpenConnection;
import io.lb4j.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Each look is a pass over all connections, on every event loop: it is asked for sparingly. */
class OpenConnectionsTest {
    private final List<CompletableFuture<List<OpenConnection>>> looks = new ArrayList<>();
    private final ManualClock clock = ManualClock.create();
    private final Queue<Runnable> admin = new ArrayDeque<>();
    private final OpenConnections connections = new OpenConnections(new AdminClock(clock, () -> 0), () -> {
        looks.add(new CompletableFuture<>());
        return looks.get(looks.size() - 1);
    });

    @Test
    void look_thatIsUnderWay_isShared_andTheNextIsANewOne() {
        List<CompletableFuture<?>> asked = new ArrayList<>();
        for (int i = 0; i < OpenConnections.MOST_WAITING; i++) {
            asked.add(connections.list(admin::add));
        }
        assertThat(looks).hasSize(1);
        looks.get(0).complete(List.of());
        assertThat(asked).noneMatch(CompletableFuture::isDone);
        admin.remove().run();
        assertThat(asked).allMatch(CompletableFuture::isDone);
        var unused = connections.list(admin::add);
        assertThat(looks).hasSize(2);
    }

    /** Those who were cut meanwhile are not known here: what they left must not pile up. */
    @Test
    void looks_whileALoopIsHeld_areRefusedOnceEnoughWait() {
        for (int i = 0; i < OpenConnections.MOST_WAITING; i++) {
            var unused = connections.list(admin::add);
        }
        assertThatThrownBy(() -> connections.list(admin::add))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.status).isEqualTo(503));
        assertThat(looks).hasSize(1);
    }

    @Test
    void look_thatNeverEnds_isGivenUpWhenNobodyCanWaitForItAnyMore() {
        for (int i = 0; i < OpenConnections.MOST_WAITING; i++) {
            var unused = connections.list(admin::add);
        }
        clock.advance(Duration.ofNanos(OpenConnections.LONGEST));
        var asked = connections.list(admin::add);
        assertThat(looks).hasSize(2);
        looks.get(1).complete(List.of());
        admin.remove().run();
        assertThat(asked).isCompleted();
    }

    @Test
    void look_thatFails_isForgotten() {
        var asked = connections.list(admin::add);
        looks.get(0).completeExceptionally(new IllegalStateException("boom"));
        admin.remove().run();
        assertThat(asked).isCompletedExceptionally();
        var unused = connections.list(admin::add);
        assertThat(looks).hasSize(2);
    }
}
