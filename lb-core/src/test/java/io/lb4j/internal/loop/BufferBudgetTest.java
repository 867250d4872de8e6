package io.lb4j.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BufferBudgetTest {
    private static final int LIMIT = 4 << 20;

    private final BufferBudget budget = new BufferBudget(LIMIT);

    @Test
    void allowance_isAnEighthOfWhatIsLeft_soTheBudgetIsApproachedAndNotCrossed() {
        int directions = 0;
        while (!budget.isSpent()) {
            assertThat(budget.allowance(LoopMemory.LARGEST_READ))
                    .isBetween(BufferBudget.LEAST, LoopMemory.LARGEST_READ);
            budget.take(budget.allowance(LoopMemory.LARGEST_READ));
            directions++;
        }
        assertThat(budget.used()).isLessThanOrEqualTo(LIMIT);
        assertThat(directions).isGreaterThan(30);
        assertThat(budget.allowance(LoopMemory.LARGEST_READ)).isEqualTo(BufferBudget.LEAST);
    }

    @Test
    void givenBack_canBeTakenAgain() {
        budget.take(LIMIT);
        assertThat(budget.isSpent()).isTrue();
        budget.giveBack(LIMIT);
        assertThat(budget.isSpent()).isFalse();
        assertThat(budget.allowance(LoopMemory.LARGEST_READ)).isEqualTo(LoopMemory.LARGEST_READ);
    }

    @Test
    void smallerLimit_countsFromThenOn() {
        budget.take(1 << 20);
        budget.limit(1 << 20);
        assertThat(budget.isSpent()).isTrue();
    }
}
