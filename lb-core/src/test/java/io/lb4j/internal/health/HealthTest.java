package io.lb4j.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.health.CheckAnswer;
import io.lb4j.health.HealthCheckPolicy;
import org.junit.jupiter.api.Test;

class HealthTest {
    private final HealthCheckPolicy policy =
            HealthCheckPolicy.builder().unhealthyAfter(2).healthyAfter(2).build();

    @Test
    void answer_holdsUntilTheNext_andNotForOneThatIsDown() {
        Health said = Health.unchecked(true, "not checked yet").passed(CheckAnswer.weight(30), 1, 1, policy);
        assertThat(said.answer()).isEqualTo(CheckAnswer.weight(30));
        Health failedOnce = said.failed("refused", 2, 1, policy);
        assertThat(failedOnce.up()).isTrue();
        assertThat(failedOnce.answer()).isEqualTo(CheckAnswer.weight(30));
        Health down = failedOnce.failed("refused", 3, 1, policy);
        assertThat(down.up()).isFalse();
        assertThat(down.answer()).isEqualTo(CheckAnswer.HEALTHY);
    }

    @Test
    void reason_ofOneThatDrains_saysWhoSaysSo() {
        Health drains = Health.unchecked(true, "not checked yet").passed(CheckAnswer.DRAINING, 1, 1, policy);
        assertThat(drains.reason()).isEqualTo("its check says that it drains");
        assertThat(drains.passed(CheckAnswer.HEALTHY, 2, 1, policy).reason()).isEqualTo("after 2 passed checks");
        Health down = drains.failed("no", 2, 1, policy).failed("no", 3, 1, policy);
        assertThat(down.passed(CheckAnswer.DRAINING, 4, 1, policy).reason()).isEqualTo("after 1 passed check");
    }
}
