package io.lb4j.internal.discovery;

import static io.lb4j.internal.discovery.DiscoveryStage.INTERVAL;
import static io.lb4j.internal.discovery.DiscoveryStage.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Discoveries that throw or answer nonsense, and what else goes wrong around them. All of it in virtual time. */
class DiscoveryFailureTest {
    private final DiscoveryStage stage = new DiscoveryStage();

    @AfterEach
    void close() {
        stage.close();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failure_ofAnyKind_keepsTheLastGoodListAndIsSaidOnce(Throwable failure, String said) {
        stage.start(backend(1), backend(2));
        stage.failure = failure;
        for (int i = 0; i < 5; i++) {
            stage.assertNextCallIn(INTERVAL);
        }
        assertThat(stage.told).hasSize(1);
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery stage failed (" + said + "); kept the last good list, 2 backends");

        stage.failure = null;
        stage.advance(INTERVAL);
        assertThat(stage.told).hasSize(1);
        assertThat(stage.log.messages()).hasSize(2).last().isEqualTo("orders: discovery stage works again, 2 backends");
    }

    static Object[][] failures() {
        return new Object[][] {
            {new IOException("no route"), "no route"},
            {new IOException("two\nlines \u001b[31m"), "two"},
            {new IOException("tab\tand \u001b[31m"), "tab?and ?[31m"},
            {new IOException("x".repeat(1000)), "x".repeat(300) + "..."},
            {new java.net.UnknownHostException("orders"), "UnknownHostException: orders"},
            {new IllegalStateException(), "IllegalStateException"},
            {new InterruptedException(), "InterruptedException"},
            {new AssertionError("on purpose"), "AssertionError: on purpose"},
            {new StackOverflowError(), "StackOverflowError"},
            {new OutOfMemoryError("heap"), "OutOfMemoryError: heap"},
            {new HostileException(), "HostileException"},
        };
    }

    private static final class HostileException extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("on purpose");
        }
    }

    @ParameterizedTest
    @MethodSource("nonsense")
    void answer_thatIsNonsense_isAFailure(List<Backend> nonsense, String said) {
        stage.start(backend(1));
        stage.answer = nonsense;
        stage.advance(INTERVAL);
        assertThat(stage.told).hasSize(1);
        assertThat(stage.log.messages()).hasSize(1).first().asString().contains("failed (" + said);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static Object[][] nonsense() {
        List<Backend> throwing = new AbstractList<>() {
            @Override
            public Backend get(int index) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public int size() {
                return 1;
            }
        };
        return new Object[][] {
            {null, "IllegalStateException: answered null (expected: a list, empty when there is no backend)"},
            {Arrays.asList(backend(1), null), "IllegalStateException: answered a list with null in it"},
            {(List) List.of("10.0.0.1:9000"), "ClassCastException: "},
            {throwing, "IllegalStateException: on purpose"},
        };
    }

    @Test
    void failure_beforeTheFirstAnswer_tellsNothing() {
        stage.failure = new IOException("no route");
        stage.start();
        assertThat(stage.told).isEmpty();
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery stage failed (no route); no backend is known yet");
        stage.failure = null;
        stage.answer = List.of(backend(1));
        stage.advance(INTERVAL);
        stage.assertToldLast(backend(1));
    }

    @Test
    void thread_thatCannotBeMade_isAFailureAndTheNextCallComes() {
        stage.threadsRefused = true;
        stage.start(backend(1));
        assertThat(stage.log.messages("unable to create native thread")).hasSize(1);
        stage.threadsRefused = false;
        stage.assertNextCallIn(INTERVAL);
        stage.assertToldLast(backend(1));
    }

    @Test
    void sink_thatThrows_isToldAgainAndDoesNotEndTheCalls() {
        stage.sink = backends -> {
            stage.told.add(backends);
            if (stage.told.size() < 3) {
                throw new IllegalStateException("on purpose");
            }
            return List.of();
        };
        stage.start(backend(1));
        for (int i = 0; i < 4; i++) {
            stage.assertNextCallIn(INTERVAL);
        }
        assertThat(stage.told).hasSize(3).containsOnly(List.of(backend(1)));
        assertThat(stage.log.messages("orders: control task failed")).hasSize(2);
    }
}
