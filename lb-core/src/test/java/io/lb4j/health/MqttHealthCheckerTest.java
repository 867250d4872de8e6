package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MqttHealthCheckerTest {
    private static final String ACCEPTED = "\u0020\u0002\0\0";
    private static final String DISCONNECT = "\u00e0\0";

    static final Script CONNECTED = new Script(
            "mqtt", HealthChecker.mqtt(), "\u0010\u000c\0\u0004MQTT\u0004\u0002\0\u003c\0\0", ACCEPTED, DISCONNECT);

    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void check_withALogin_sendsIt() throws IOException {
        plays(new Script(
                "login",
                HealthChecker.mqtt().login("lb", "secret").clientId("lb-1"),
                "\u0010\u001c\0\u0004MQTT\u0004\u00c2\0\u003c\0\u0004lb-1\0\u0002lb\0\u0006secret",
                ACCEPTED,
                DISCONNECT));
    }

    @Test
    void check_withALongLogin_saysItsLengthInThreeBytes() throws IOException {
        plays(new Script(
                "long login",
                HealthChecker.mqtt().login("lb", "x".repeat(32_768)),
                "\u0010\u0092\u0080\u0002\0\u0004MQTT\u0004\u00c2\0\u003c\0\0\0\u0002lb\u0080\0" + "x".repeat(32_768),
                ACCEPTED,
                DISCONNECT));
    }

    private void plays(Script script) throws IOException {
        assertThat(script.play(resources.add(TestBackend.listening()), 65536)).isEqualTo(script.heard());
    }

    @ParameterizedTest
    @CsvSource({
        "1, ': unacceptable protocol version'",
        "2, ': client identifier rejected'",
        "3, ': server unavailable'",
        "4, ': bad user name or password'",
        "5, ': not authorized'",
        "6, ''",
        "255, ''",
    })
    void check_ofARefusal_saysWhy(int code, String text) {
        Checking.fails(
                HealthChecker.mqtt(), saying("\u0020\u0002\0" + (char) code), "refused with code " + code + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0030\u0002\0\0", "\u0020\u0003\0\0\0", "\u0020\u0002\u0002\0", "\u0020\u0082\0\0\0"})
    void check_ofAnotherPacket_fails(String packet) {
        assertThat(Checking.check(HealthChecker.mqtt(), saying(packet))).hasMessageStartingWith("not MQTT");
    }

    @Test
    void checker_withTextsThatCannotBe_isRefused() {
        assertThatThrownBy(() -> HealthChecker.mqtt().clientId("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HealthChecker.mqtt().login("", "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HealthChecker.mqtt().login("u", "secret".repeat(10_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bytes of the password: 60000 (expected: 1..32768)");
        assertThat(HealthChecker.mqtt().login("u", "secret")).hasToString("mqtt");
    }

    private int saying(String answer) {
        return resources
                .add(TestBackend.serving(peer -> {
                    peer.send(Script.bytes(answer)).fin();
                    peer.receiveToEnd();
                }))
                .port();
    }
}
