package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Background;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class RateLimitedLogTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = ManualClock.create();
    private final RateLimitedLog log =
            new RateLimitedLog(named(LoggerFactory.getLogger(RateLimitedLogTest.class)), clock);
    private final LogCapture capture = LogCapture.open();

    @AfterEach
    void close() {
        capture.close();
    }

    @Test
    void warning_whenTheClockFails_throwsNothing_andIsCounted() {
        boolean[] fails = {false};
        RateLimitedLog failing = new RateLimitedLog(named(LoggerFactory.getLogger(RateLimitedLogTest.class)), () -> {
            if (fails[0]) {
                throw new OutOfMemoryError("injected");
            }
            return clock.getAsLong();
        });
        fails[0] = true;
        failing.warn("lost", null, null);
        fails[0] = false;
        failing.warn("told", null, null);
        assertThat(capture.messages()).containsExactly("orders: told (1 more like this in between)");
    }

    @Test
    void warnings_withinASecond_areHeldBackAndCounted() {
        log.warn("first", null, null);
        log.warn("second", null, null);
        clock.advance(SECOND.minusNanos(1));
        log.warn("third", null, null);
        assertThat(capture.messages()).containsExactly("orders: first");
        clock.advance(Duration.ofNanos(1));
        log.warn("fourth", null, null);
        assertThat(capture.messages()).containsExactly("orders: first", "orders: fourth (2 more like this in between)");
    }

    @Test
    void warnings_aSecondApart_areAllLogged() {
        for (int i = 0; i < 5; i++) {
            log.warn("line " + i, null, null);
            clock.advance(SECOND);
        }
        assertThat(capture.messages()).hasSize(5).noneMatch(line -> line.contains("more like this"));
    }

    @Test
    void clock_thatWraps_neitherMutesNorFloods() { // E18
        ManualClock late = ManualClock.startingAt(Long.MAX_VALUE - SECOND.toNanos() / 2);
        RateLimitedLog wrapping = new RateLimitedLog(named(LoggerFactory.getLogger(RateLimitedLogTest.class)), late);
        wrapping.warn("before the wrap", null, null);
        late.advance(SECOND.minusNanos(1));
        wrapping.warn("held back", null, null);
        late.advance(Duration.ofNanos(1));
        wrapping.warn("after the wrap", null, null);
        assertThat(capture.messages())
                .containsExactly("orders: before the wrap", "orders: after the wrap (1 more like this in between)");
    }

    @Test
    void warnings_ofManyThreadsAtOnce_areOneLineAndNoneIsForgotten() {
        int threads = 4;
        int each = 1000;
        CompletableFuture.allOf(IntStream.range(0, threads)
                        .mapToObj(i -> Background.run(() -> {
                            for (int k = 0; k < each; k++) {
                                log.warn("storm", null, null);
                            }
                        }))
                        .toArray(CompletableFuture[]::new))
                .join();
        assertThat(capture.messages()).containsExactly("orders: storm");
        clock.advance(SECOND);
        log.warn("over", null, null);
        assertThat(capture.messages("over"))
                .containsExactly("orders: over (" + (threads * each - 1) + " more like this in between)");
    }

    @Test
    void logger_thatThrows_isSurvivedAndItsLineCounted() { // E8
        boolean[] broken = {true};
        Logger real = LoggerFactory.getLogger(RateLimitedLogTest.class);
        Logger fragile = (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (broken[0]) {
                        throw new StackOverflowError("on purpose");
                    }
                    return method.invoke(real, arguments);
                });
        RateLimitedLog tested = new RateLimitedLog(named(fragile), clock);
        tested.warn("lost", null, null);
        broken[0] = false;
        clock.advance(SECOND);
        tested.warn("next", null, null);
        assertThat(capture.messages()).containsExactly("orders: next (1 more like this in between)");
    }

    private static NamedLog named(Logger logger) {
        return new NamedLog(logger, "orders");
    }
}
