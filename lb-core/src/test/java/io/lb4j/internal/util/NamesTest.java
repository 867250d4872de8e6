package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NamesTest {
    @Test
    void ofUnnamed_withAPort_isThatPort() {
        assertThat(Names.ofUnnamed("lb", 8080)).isEqualTo("lb-8080");
        assertThat(Names.ofUnnamed("lb", 8080)).as("the same each time").isEqualTo("lb-8080");
    }

    @Test
    void ofUnnamed_onAnyPort_isCounted() {
        assertThat(Names.ofUnnamed("names-test", 0)).isEqualTo("names-test-any");
        assertThat(Names.ofUnnamed("names-test", 0)).isEqualTo("names-test-any-2");
        assertThat(Names.ofUnnamed("names-test", 0)).isEqualTo("names-test-any-3");
    }

    @Test
    void thread_beginsWithLbOnce() {
        assertThat(Names.thread("orders", "io-0")).isEqualTo("lb-orders-io-0");
        assertThat(Names.thread("lb-8080", "control")).isEqualTo("lb-8080-control");
    }
}
