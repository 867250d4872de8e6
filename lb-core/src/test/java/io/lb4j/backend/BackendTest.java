package io.lb4j.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendTest {
    private final Backend backend = Backend.of("10.0.0.1", 9000);

    @Test
    void backend_asMade_hasTheDefaults() {
        assertThat(backend.id()).isEqualTo("10.0.0.1:9000");
        assertThat(backend.host()).isEqualTo("10.0.0.1");
        assertThat(backend.port()).isEqualTo(9000);
        assertThat(backend.weight()).isEqualTo(1);
        assertThat(backend.priority()).isZero();
        assertThat(backend.maxConnections()).isEmpty();
        assertThat(backend.labels()).isEmpty();
        assertThat(backend.hostAndPort()).isEqualTo("10.0.0.1:9000");
        assertThat(backend).hasToString("10.0.0.1:9000");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:9000, 10.0.0.1, 9000",
        "db.example.org:5432, db.example.org, 5432",
        "[2001:DB8::1]:1, 2001:db8::1, 1",
        "localhost:65535, localhost, 65535",
    })
    void parse_hostAndPort_isThat(String place, String host, int port) {
        assertThat(Backend.parse(place)).isEqualTo(Backend.of(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                ":1",
                "::1:1",
                "[::1]",
                "a:",
                "a:0",
                "a:65536",
                "a:-1",
                "a:+1",
                "a:1 ",
                " a:1",
                "a:1:2",
                "[x:80",
                "x]:80",
                "h/x:80",
                "http://h:80",
                "[a]:1"
            })
    void parse_anythingElse_isRefused(String place) {
        assertThatThrownBy(() -> Backend.parse(place))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: ");
    }

    @Test
    void withers_changeOnePart_andLeaveTheOriginal() {
        Backend changed = backend.withId("blue-1")
                .withWeight(3)
                .withPriority(2)
                .withMaxConnections(50)
                .withLabel("zone", "b");

        assertThat(changed.id()).isEqualTo("blue-1");
        assertThat(changed.weight()).isEqualTo(3);
        assertThat(changed.priority()).isEqualTo(2);
        assertThat(changed.maxConnections()).hasValue(50);
        assertThat(changed.labels()).containsExactly(Map.entry("zone", "b"));
        assertThat(changed.hostAndPort()).isEqualTo("10.0.0.1:9000");
        assertThat(changed).hasToString("blue-1 (10.0.0.1:9000)");
        assertThat(backend).isEqualTo(Backend.of("10.0.0.1", 9000));
    }

    @Test
    void withLabel_again_replacesAndSorts() {
        Backend labelled =
                backend.withLabel("zone", "a").withLabel("disk", "ssd").withLabel("zone", "b");
        assertThat(labelled.labels()).containsExactly(Map.entry("disk", "ssd"), Map.entry("zone", "b"));
        assertThatThrownBy(() -> labelled.labels().put("zone", "c")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void equality_isOfAllParts() {
        Backend same = Backend.of("10.0.0.1", 9000);
        assertThat(same).isEqualTo(backend).hasSameHashCodeAs(backend);
        assertThat(backend.withId("10.0.0.1:9000").withWeight(1)).isEqualTo(backend);
        assertThat(backend.withLabel("a", "1").withLabel("b", "2"))
                .isEqualTo(backend.withLabel("b", "2").withLabel("a", "1"));
        assertThat(backend)
                .isNotEqualTo(backend.withId("other"))
                .isNotEqualTo(backend.withWeight(2))
                .isNotEqualTo(backend.withPriority(1))
                .isNotEqualTo(backend.withMaxConnections(1))
                .isNotEqualTo(backend.withLabel("a", "1"))
                .isNotEqualTo(Backend.of("10.0.0.2", 9000).withId(backend.id()))
                .isNotEqualTo(Backend.of("10.0.0.1", 9001).withId(backend.id()))
                .isNotEqualTo(null)
                .isNotEqualTo("10.0.0.1:9000");
    }

    @ParameterizedTest
    @CsvSource({
        "::1, ::1, [::1]:80",
        "[::1], ::1, [::1]:80",
        "fe80::1%1, fe80::1%1, [fe80::1%1]:80",
        "FE80:0:0:0:0:0:0:2, fe80::2, [fe80::2]:80"
    })
    void ipv6Literal_withOrWithoutBrackets_isOneHost(String given, String host, String id) { // F9
        Backend ipv6 = Backend.of(given, 80);
        assertThat(ipv6.host()).isEqualTo(host);
        assertThat(ipv6.id()).isEqualTo(id);
        assertThat(Backend.of(ipv6.host(), 80)).isEqualTo(ipv6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[nonsense]",
                "[]",
                "[10.0.0.1]",
                "[::1",
                "::1]",
                ":::1",
                "host:80",
                "[::1]:80",
                "[[::1]]",
                "fe80::1%no-such-interface",
                "1:2:3:4:5:6:7:8:9",
                "010.1.2.3",
                "10.1",
                "167838211",
                "10.1.2.256"
            })
    void host_thatLooksLikeAnAddressAndIsNone_isRefused(String host) {
        assertThatThrownBy(() -> Backend.of(host, 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("host: \"" + host + "\" (expected: a name, an IPv4 or an IPv6 address)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a\tb",
                "a\nb",
                "a\r\nERROR: all backends down",
                "\u001b[31mred",
                "a\u0000",
                "a\u00a0b"
            })
    void host_emptyOrWithBlanksOrControlCharacters_isRefusedOnOnePrintableLine(String host) { // F7
        String message = catchThrowableOfType(IllegalArgumentException.class, () -> Backend.of(host, 80))
                .getMessage();
        assertThat(message)
                .startsWith("backend host: \"")
                .endsWith("\" (expected: 1..255 characters, no blanks or control characters)")
                .doesNotContainPattern("\\p{Cntrl}");
    }

    @Test
    void host_tooLong_isRefusedWithAShortMessage() {
        assertThatThrownBy(() -> Backend.of("x".repeat(256), 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("backend host: \"xxx")
                .message()
                .hasSizeLessThan(200);
        assertThat(Backend.of("x".repeat(255), 80).host()).hasSize(255);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65536, 70000})
    void port_outOfRange_isRefused(int port) {
        assertThatThrownBy(() -> Backend.of("10.0.0.1", port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend port: " + port + " (expected: 1..65535)");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1001, Integer.MIN_VALUE})
    void weight_outOfRange_isRefused(int weight) {
        assertThatThrownBy(() -> backend.withWeight(weight))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weight: " + weight + " (expected: 0..1000)");
        assertThat(backend.withWeight(0).withWeight(Backend.MAX_WEIGHT).weight())
                .isEqualTo(1000);
    }

    @Test
    void idAndLabels_thatAreNoWords_areRefusedByTheirName() {
        assertThatThrownBy(() -> backend.withId("blue\n1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("backend id: \"blue?1\"");
        assertThatThrownBy(() -> backend.withLabel("", "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("label key: \"\"");
        assertThatThrownBy(() -> backend.withLabel("zone", "\u0007"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("label value: \"?\"");
    }

    @Test
    @SuppressWarnings("NullAway")
    void null_isRefusedByItsName() {
        assertThatThrownBy(() -> Backend.of(null, 80))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("backend host: null (expected: a value)");
        assertThatThrownBy(() -> backend.withId(null)).hasMessage("backend id: null (expected: a value)");
    }

    @Test
    void priorityAndLimit_outOfRange_areRefused() {
        assertThatThrownBy(() -> backend.withPriority(-1)).hasMessage("priority: -1 (expected: 0..100)");
        assertThatThrownBy(() -> backend.withPriority(101)).hasMessage("priority: 101 (expected: 0..100)");
        assertThatThrownBy(() -> backend.withMaxConnections(0))
                .hasMessage("maxConnections: 0 (expected: 1..2147483647)");
    }

    @Test
    void pool_isPartOfTheBackend_andOfTheIdItHasByDefault() {
        Backend backend = Backend.of("10.0.0.1", 9000).withWeight(3);
        assertThat(backend.pool()).isEqualTo(Backend.DEFAULT_POOL);
        Backend inApi = backend.inPool("api");
        assertThat(inApi.pool()).isEqualTo("api");
        assertThat(inApi.id()).isEqualTo("api/10.0.0.1:9000");
        assertThat(inApi).hasToString("api/10.0.0.1:9000").isNotEqualTo(backend);
        assertThat(inApi.weight()).isEqualTo(3);
        assertThat(inApi.withWeight(2)
                        .withLabel("a", "b")
                        .withPriority(1)
                        .withMaxConnections(4)
                        .pool())
                .isEqualTo("api");
        assertThat(inApi.inPool("web").id()).isEqualTo("web/10.0.0.1:9000");
        assertThat(inApi.inPool(Backend.DEFAULT_POOL)).isEqualTo(backend).hasSameHashCodeAs(backend);
        assertThat(inApi.inPool("api")).isSameAs(inApi);
    }

    @Test
    void id_ofItsOwn_staysInAnyPool() {
        Backend blue = Backend.of("::1", 9000).withId("blue").inPool("api");
        assertThat(blue.id()).isEqualTo("blue");
        assertThat(blue).hasToString("blue ([::1]:9000)");
        assertThat(blue).isNotEqualTo(Backend.of("::1", 9000).withId("blue"));
        assertThat(blue.inPool("web").id()).isEqualTo("blue");
    }
}
