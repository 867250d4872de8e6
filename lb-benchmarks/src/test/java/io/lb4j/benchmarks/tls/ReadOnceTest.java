package io.lb4j.benchmarks.tls;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadOnceTest {
    private static final String PROPERTY = "io.lb4j.benchmarks.read-once";

    @AfterEach
    void forget() {
        System.clearProperty(PROPERTY);
    }

    @Test
    void refusesASecondValueAndSaysWhatToDo() {
        ReadOnce.set(PROPERTY, "x25519");

        assertThatNoException().isThrownBy(() -> ReadOnce.set(PROPERTY, "x25519"));
        assertThatIllegalStateException()
                .isThrownBy(() -> ReadOnce.set(PROPERTY, "secp256r1"))
                .withMessage(PROPERTY + ": x25519 (expected: secp256r1; the JDK reads it once: "
                        + "run each benchmark in a JVM of its own, -f 1 or more)");
    }
}
