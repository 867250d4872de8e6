package io.lb4j.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an SRV record's numbers mean here. */
class SrvRecordTest {
    @Test
    void record_asText_isRead() throws IOException {
        SrvRecord record = SrvRecord.parse("1 5 9000 a.test.");
        assertThat(record).isEqualTo(new SrvRecord(1, 5, 9000, "a.test"));
        assertThat(record.isOffered()).isTrue();
        assertThat(SrvRecord.parse("0 0 1 .").isOffered()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1 5 9000",
                "a b c d",
                "1  5 9000 a.test.",
                "99999999999 0 1 a.",
                "1 5 80 a/b.",
                "1 5 80 ldap://a:1/x"
            })
    void record_thatIsNone_isRefused(String text) {
        assertThatThrownBy(() -> SrvRecord.parse(text))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "SRV record: \"" + text + "\" (expected: priority weight port target, the target a host name)");
    }

    @ParameterizedTest
    @CsvSource({
        // weights of one priority, as backends have them
        "0, 1",
        "0 0 0, 1 1 1",
        "0 1 10 1000, 1 1 10 1000",
        "1001 1001, 1000 1000",
        "65535 32768 0, 1000 500 1",
        "65535 1, 1000 1",
        "2000 1000 10, 1000 500 5",
    })
    void weights_fitOurs_inProportionAndNeverZero(String weights, String expected) {
        List<SrvRecord> records = new ArrayList<>();
        for (String weight : weights.split(" ")) {
            records.add(new SrvRecord(7, Integer.parseInt(weight), 80, "a"));
        }
        // Another priority has a scale of its own.
        List<SrvRecord> all = new ArrayList<>(records);
        all.add(new SrvRecord(8, 65535, 80, "b"));
        assertThat(records.stream().map(record -> "" + record.weightAmong(all))).containsExactly(expected.split(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "0 1 100, 0 1 100",
        "10 20 20 30, 10 20 20 30",
        "10 20 101, 0 1 2",
        "65535 0 65535 300, 2 0 2 1",
    })
    void priorities_fitOurs_inTheirOrder(String priorities, String expected) {
        List<SrvRecord> records = new ArrayList<>();
        for (String priority : priorities.split(" ")) {
            records.add(new SrvRecord(Integer.parseInt(priority), 1, 80, "a"));
        }
        assertThat(records.stream().map(record -> "" + record.priorityAmong(records)))
                .containsExactly(expected.split(" "));
    }

    @Test
    void priorities_moreThanOurs_endInTheLast() {
        List<SrvRecord> records = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            records.add(new SrvRecord(1000 + i, 1, 80, "a"));
        }
        assertThat(records.get(99).priorityAmong(records)).isEqualTo(99);
        assertThat(records.get(100).priorityAmong(records)).isEqualTo(100);
        assertThat(records.get(199).priorityAmong(records)).isEqualTo(100);
    }

    @Test
    void backend_ofARecord_hasItsWeightAndHost() {
        SrvRecord record = new SrvRecord(0, 5, 9000, "a.test");
        assertThat(record.backend(Backend.of("10.0.0.1", 9000), List.of(record)))
                .isEqualTo(Backend.of("10.0.0.1", 9000).withWeight(5).withLabel("host", "a.test"));
    }
}
