package io.lb4j.preface;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ParsedTest {
    @Test
    void incomplete_forWhatever_isTheSame() {
        Parsed<String> parsed = Parsed.incomplete();

        assertThat(parsed).isSameAs(Parsed.incomplete()).hasToString("Incomplete");
    }

    @Test
    void answers_withEqualParts_areEqual() {
        assertThat(Parsed.complete("a", 1)).isEqualTo(new Parsed.Complete<>("a", 1));
        assertThat(Parsed.invalid("so")).isEqualTo(new Parsed.Invalid<>("so")).isNotEqualTo(Parsed.invalid("other"));
    }
}
