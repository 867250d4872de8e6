package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class CombinedHealthCheckersTest {
    private static final int PORT = 1;
    private static final HealthChecker BAD = failing("bad");
    private static final HealthChecker WORSE = failing("worse");
    private static final HealthChecker UNKNOWN = (backend, timeout) -> {
        throw new CheckInconclusiveException("unknown", new IOException());
    };
    private static final HealthChecker NO_MEMORY = (backend, timeout) -> {
        throw new OutOfMemoryError("heap");
    };

    @RegisterExtension
    final Resources resources = new Resources();

    private final List<Duration> given = new ArrayList<>();
    private final HealthChecker good = (backend, timeout) -> given.add(timeout);

    @Test
    void allOf_whenAllPass_passesInOrderWithTheTimeThatIsLeft() {
        Checking.passes(HealthChecker.allOf(good, good, good), PORT);

        assertThat(given).hasSize(3).isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(given.get(0)).isLessThanOrEqualTo(Duration.ofMillis(Peer.PATIENCE_MILLIS));
    }

    @Test
    void allOf_withFailures_isTheFirst() {
        Checking.fails(HealthChecker.allOf(good, BAD, WORSE, good), PORT, "bad");

        assertThat(given).hasSize(1);
    }

    @Test
    void allOf_withAnInconclusiveOne_isInconclusive() {
        assertThat(Checking.check(HealthChecker.allOf(UNKNOWN, NO_MEMORY, good), PORT))
                .isInstanceOf(CheckInconclusiveException.class)
                .hasMessage("unknown");
        assertThat(Checking.check(HealthChecker.allOf(NO_MEMORY, good), PORT))
                .isInstanceOf(CheckInconclusiveException.class)
                .hasMessage("out of memory: heap");
    }

    @Test
    void allOf_withAnInconclusiveAndAFailedOne_fails() {
        assertThat(Checking.check(HealthChecker.allOf(UNKNOWN, BAD), PORT))
                .isNotInstanceOf(CheckInconclusiveException.class)
                .hasMessage("bad");
    }

    @Test
    void anyOf_whenOnePasses_passesAndStopsThere() {
        Checking.passes(HealthChecker.anyOf(BAD, UNKNOWN, NO_MEMORY, good, good), PORT);

        assertThat(given).hasSize(1);
    }

    @Test
    void anyOf_whenAllFail_saysWhy() {
        HealthChecker silent = (backend, timeout) -> {
            throw new IllegalStateException();
        };
        assertThat(Checking.check(HealthChecker.anyOf(BAD, WORSE, silent), PORT))
                .isNotInstanceOf(CheckInconclusiveException.class)
                .hasMessage("bad; worse; IllegalStateException");
        Checking.fails(HealthChecker.anyOf(BAD), PORT, "bad");
    }

    @Test
    void anyOf_withAnInconclusiveOne_isInconclusive() {
        assertThat(Checking.check(HealthChecker.anyOf(BAD, UNKNOWN), PORT))
                .isInstanceOf(CheckInconclusiveException.class)
                .hasMessage("bad; unknown");
    }

    @Test
    void anyOf_givesEachAnEqualShareOfTheTimeThatIsLeft() {
        List<Duration> shares = new ArrayList<>();
        HealthChecker failsAtOnce = (backend, timeout) -> {
            shares.add(timeout);
            throw new IOException("bad");
        };
        Checking.check(HealthChecker.anyOf(failsAtOnce, failsAtOnce), PORT, Duration.ofHours(2));

        assertThat(shares.get(0)).isBetween(Duration.ofMinutes(50), Duration.ofHours(1));
        assertThat(shares.get(1)).isBetween(Duration.ofMinutes(110), Duration.ofHours(2));
    }

    @Test
    void anyOf_withoutTimeForAll_fails() {
        HealthChecker tooLong = (backend, timeout) -> {
            long end = System.nanoTime() + timeout.multipliedBy(2).toNanos();
            while (System.nanoTime() - end < 0) {
                Thread.onSpinWait();
            }
            throw new IOException("at last");
        };
        assertThat(Checking.check(HealthChecker.anyOf(tooLong, good), PORT, Duration.ofMillis(100)))
                .hasMessageContaining("at last; no time left for ");
        assertThat(given).isEmpty();
    }

    @Test
    void combined_interrupted_ends() throws Exception {
        TestBackend backend = resources.add(TestBackend.serving(Peer::receiveToEnd));
        HealthChecker silence = HealthChecker.sendExpect("", "x");

        Checking.endsWhenInterrupted(HealthChecker.allOf(silence, good), backend.port());
        Checking.endsWhenInterrupted(HealthChecker.anyOf(silence, good), backend.port());
        assertThat(given).isEmpty();
    }

    @Test
    void combined_withAnInterruptedMember_propagates() {
        for (Exception interrupt : List.of(new InterruptedException(), new ClosedByInterruptException())) {
            HealthChecker interrupted = (backend, timeout) -> {
                throw interrupt;
            };
            assertThat(Checking.check(HealthChecker.anyOf(BAD, interrupted, good), PORT))
                    .isSameAs(interrupt);
            assertThat(Checking.check(HealthChecker.allOf(interrupted, good), PORT))
                    .isSameAs(interrupt);
        }
    }

    @Test
    void anyOf_withAMemberThatFailsForWantOfAPortHere_isInconclusive() {
        HealthChecker portless = (backend, timeout) -> {
            throw new IllegalStateException("wrapped", new BindException("Address already in use"));
        };
        assertThat(Checking.check(HealthChecker.anyOf(BAD, portless), PORT))
                .isInstanceOf(CheckInconclusiveException.class);
    }

    @Test
    void anyOf_withAMemberThatMakesAFailureOfTheInterrupt_ends() {
        HealthChecker disguising = (backend, timeout) -> {
            Thread.currentThread().interrupt();
            throw new IOException("disguised");
        };
        try {
            assertThat(Checking.check(HealthChecker.anyOf(disguising, good), PORT))
                    .isInstanceOf(InterruptedException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(given).isEmpty();
    }

    @Test
    @SuppressWarnings("NullAway") // That is what is tested.
    void combined_ofNothing_isRefused() {
        assertThatThrownBy(HealthChecker::allOf).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(HealthChecker::anyOf).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HealthChecker.allOf(good, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> HealthChecker.anyOf(good, null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void combined_asText_namesItsMembers() {
        assertThat(HealthChecker.allOf(HealthChecker.tcpConnect(), HealthChecker.http("/")))
                .hasToString("allOf[tcpConnect, http /]");
        assertThat(HealthChecker.anyOf(HealthChecker.tcpConnect())).hasToString("anyOf[tcpConnect]");
    }

    private static HealthChecker failing(String message) {
        return (backend, timeout) -> {
            throw new IOException(message);
        };
    }
}
