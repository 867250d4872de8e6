package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorsTest {
    @ParameterizedTest(name = "{0} descriptors, {1} open: {2} connections")
    @CsvSource({
        "300, 60, 88",
        "1024, 100, 411",
        "20000, 100, 9450",
        "1048576, 100, 523738",
        "100, 90, 1",
        "9223372036854775807, 100, 2147483647",
        "-1, 100, 2147483647"
    })
    void connectionsThatFit_leaveATenthToTheApplication(long most, long open, int connections) {
        assertThat(Descriptors.connectionsThatFit(most, open)).isEqualTo(connections);
    }
}
