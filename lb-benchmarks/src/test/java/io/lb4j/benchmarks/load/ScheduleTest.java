package io.lb4j.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void at_ofARateThatDoesNotDivideASecond_doesNotDrift() {
        Schedule schedule = new Schedule(1000, 3);
        assertThat(schedule.at(0)).isEqualTo(1000);
        assertThat(schedule.at(1)).isEqualTo(333_334_333);
        assertThat(schedule.at(3_000_000)).isEqualTo(1000 + 1_000_000_000_000_000L);
    }

    @Test
    void before_aTime_countsThoseThatAreDueEarlier() {
        Schedule schedule = new Schedule(0, 1000);
        assertThat(schedule.before(0)).isZero();
        assertThat(schedule.before(1)).isEqualTo(1);
        assertThat(schedule.before(1_000_000)).isEqualTo(1);
        assertThat(schedule.before(1_000_001)).isEqualTo(2);
        assertThat(schedule.before(1_000_000_000)).isEqualTo(1000);
    }

    @Test
    void before_theBegin_isNone() {
        assertThat(new Schedule(5000, 1000).before(4000)).isZero();
    }

    @Test
    void before_andAt_agreeForAnyRate() {
        for (double rate : new double[] {1, 7, 999.9, 12_345.678, 3e6}) {
            Schedule schedule = new Schedule(17, rate);
            for (long number = 0; number < 1000; number++) {
                long due = schedule.at(number);
                assertThat(schedule.before(due))
                        .as("rate %s, request %s", rate, number)
                        .isEqualTo(number);
                assertThat(schedule.before(due + 1)).isEqualTo(number + 1);
            }
        }
    }

    @Test
    void rate_ofZero_isRefused() {
        assertThatThrownBy(() -> new Schedule(0, 0)).hasMessageContaining("perSecond: 0.0 (expected: above 0)");
    }
}
