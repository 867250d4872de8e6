package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.child.FirstTimesProgram;
import org.junit.jupiter.api.Test;

/**
 * A pipe was left open, and a drain never ended: a literal, and a call of the JDK's, came first when the heap was exhausted,
 * and with what they failed in, what was to come next did not happen.
 */
class FirstTimesTest {
    @Test
    void codeThatRunsFirst_whenTheHeapIsExhausted_doesWhatItShould() {
        try (ChildJvm child =
                ChildJvm.running(FirstTimesProgram.class).option("-Xmx32m").start()) {
            assertThat(child.line()).isEqualTo("what was never said before, told 3, taken 3");
        }
    }
}
