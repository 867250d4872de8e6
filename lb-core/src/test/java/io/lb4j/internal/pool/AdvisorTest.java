package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.OnRecovery;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.Candidates;
import io.lb4j.selection.ClientConnection;
import io.lb4j.testing.LogCapture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What backends and a selector cannot mean together is said, once, when it begins. */
class AdvisorTest {
    private final Backend a = Backend.of("10.0.0.1", 9000).withId("a");
    private final Backend b = Backend.of("10.0.0.2", 9000).withId("b");
    private final LogCapture log = LogCapture.open();

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void nothingIsOdd_nothingIsSaid() {
        TestPool pool = TestPool.of(BackendSelector.roundRobin(), a.withWeight(5), b.withLabel("zone", "z"));
        pool.admin.weight("a", 0);
        audit(pool);
        assertThat(warnings()).isEmpty();
    }

    @Test
    void first_withWeights_saysThatItMakesNoUseOfThem() {
        begun(TestPool.of(BackendSelector.first(), a.withWeight(5), b));
        assertThat(warnings()).containsExactly("the selector first makes no difference between weights above 0");
    }

    @Test
    void preferring_aLabelThatNobodyHas_saysSo() {
        TestPool pool = begun(TestPool.of(BackendSelector.random().preferring("zone", "a"), a, b));
        assertThat(warnings()).containsExactly("the selector prefers backends with the label zone=a, and none has it");
        pool.admin.add(Backend.of("10.0.0.3", 9000).withId("c").withLabel("zone", "a"));
        audit(pool);
        assertThat(warnings()).hasSize(1);
        pool.admin.remove("c", null);
        audit(pool);
        assertThat(warnings()).as("it has begun once more").hasSize(2);
    }

    @Test
    void selectors_composed_bothHaveTheirSay() {
        begun(TestPool.of(BackendSelector.first().preferring("zone", "a"), a.withWeight(2), b));
        assertThat(warnings()).hasSize(2);
    }

    @Test
    void onRecovery_whereNobodyIsPreferred_saysThatItMakesNoDifference() {
        PoolRules stay = PoolRules.of(BackendSelector.roundRobin()).with(OnRecovery.STAY);
        TestPool pool = begun(new TestPool(stay, a, b));
        String advice = "onRecovery: STAY makes no difference: all backends have the same priority, and the selector"
                + " is not first()";
        assertThat(warnings()).containsExactly(advice);
        pool.admin.replaceAll(List.of(a, b.withPriority(1)), null);
        audit(pool);
        begun(new TestPool(PoolRules.of(BackendSelector.first()).with(OnRecovery.STAY), a, b));
        assertThat(warnings()).containsExactly(advice);
    }

    @Test
    void minimumHealthy_aboveWhatThereIs_saysWhatHolds() {
        begun(new TestPool(PoolRules.of(BackendSelector.roundRobin()).with(new MinimumHealthy(3, 0)), a, b));
        assertThat(warnings())
                .containsExactly("minimumHealthy: 3, and there are 2 backends: CLOSE holds whatever their health is");
    }

    @Test
    void weights_allZero_isSaidOnceWhenTheLastOneIs() {
        TestPool pool = begun(TestPool.of(BackendSelector.roundRobin(), a.withWeight(0), b));
        assertThat(warnings()).isEmpty();
        pool.admin.weight("b", 0);
        audit(pool);
        pool.admin.weight("b", 0);
        audit(pool);
        assertThat(warnings()).containsExactly("all backends have weight 0, so none gets connections");
    }

    @Test
    void address_underTwoIds_isSaid() {
        TestPool pool = begun(TestPool.of(
                BackendSelector.roundRobin(), a, b, Backend.of("10.0.0.1", 9000).withId("twin")));
        assertThat(warnings()).containsExactly("backends a and twin have the same address, 10.0.0.1:9000");
        pool.admin.replaceAll(IntStream.range(0, 1000)
                .mapToObj(i -> Backend.of("::1", 9000).withId("n" + i))
                .toList());
        audit(pool);
        assertThat(warnings())
                .hasSize(2)
                .last()
                .isEqualTo("backends n0 and n1 have the same address, [::1]:9000, and so have 998 more");
    }

    @Test
    void selector_changed_isAskedForItsAdvice() {
        TestPool pool = begun(TestPool.of(BackendSelector.roundRobin(), a.withWeight(5), b));
        pool.pool.settings(PoolRules.of(BackendSelector.first()));
        audit(pool);
        assertThat(warnings()).hasSize(1);
    }

    @Test
    @SuppressWarnings("NullAway")
    void selector_whoseAdviceFails_isNamedAndTheOthersAreSaid() {
        Map<Supplier<List<String>>, String> failures = Map.of(
                () -> {
                    throw new IllegalStateException("careless");
                },
                "the selector's advice failed: java.lang.IllegalStateException: careless",
                () -> {
                    throw new StackOverflowError("deep");
                },
                "the selector's advice failed: java.lang.StackOverflowError: deep",
                () -> null,
                "the selector's advice failed: java.lang.NullPointerException",
                () -> Collections.singletonList(null),
                "null",
                () -> List.of("two\nlines"),
                "two?lines");
        failures.forEach((advice, said) -> {
            try (LogCapture own = LogCapture.open()) {
                begun(TestPool.of(new Advising(advice), a.withWeight(0)));
                assertThat(own.messages("all backends have weight 0")).hasSize(1);
                assertThat(own.messages(said)).as(said).hasSize(1);
            }
        });
    }

    @Test
    void selector_whoseAdviceFindsNoMemory_isAskedOnceMore() {
        AtomicInteger asked = new AtomicInteger();
        TestPool pool = begun(TestPool.of(
                new Advising(() -> {
                    if (asked.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("on purpose");
                    }
                    return List.of("think twice");
                }),
                a));
        audit(pool);
        assertThat(warnings()).containsExactly("think twice");
    }

    @Test
    void selector_withMuchToSay_isCutShort() {
        begun(TestPool.of(new Advising(() -> Collections.nCopies(1000, "x".repeat(10_000))), a));
        assertThat(warnings()).hasSizeLessThan(20).allMatch(line -> line.length() < 1000);
    }

    private static TestPool begun(TestPool pool) {
        pool.control.advance(Duration.ZERO);
        return pool;
    }

    private static void audit(TestPool pool) {
        pool.control.advance(Duration.ofNanos(Scheduler.AUDIT_INTERVAL));
    }

    /** Without the name of the pool. */
    private List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (String line : log.messages()) {
            String said = line.substring(line.indexOf(' ') + 1);
            if (!said.startsWith("backend ")) {
                warnings.add(said);
            }
        }
        return warnings;
    }

    private record Advising(Supplier<List<String>> advice) implements BackendSelector {
        @Override
        public Candidate select(Candidates candidates, ClientConnection connection) {
            return candidates.get(0);
        }

        @Override
        public List<String> advice(List<Backend> backends) {
            return advice.get();
        }
    }
}
