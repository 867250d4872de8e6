package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RedisHealthCheckerTest {
    private static final String PING_COMMAND = "*1\r\n$4\r\nPING\r\n";
    private static final String ROLE_COMMAND = "*1\r\n$4\r\nROLE\r\n";
    private static final String MASTER_ROLE = "+PONG\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";

    static final Script PING = new Script("redis", HealthChecker.redis(), PING_COMMAND, "+PONG\r\n", "");

    /** Up to what is looked at. */
    static final Script REPLICA = new Script(
            "redis replica",
            HealthChecker.redis().login("lb", "p w").replica().linked(),
            "*3\r\n$4\r\nAUTH\r\n$2\r\nlb\r\n$3\r\np w\r\n" + PING_COMMAND + ROLE_COMMAND,
            "+OK\r\n+PONG\r\n*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.1\r\n:6379\r\n$9\r\nconnected\r\n",
            "");

    @RegisterExtension
    final Resources resources = new Resources();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-LOADING Redis is loading the dataset in memory",
                "-NOAUTH Authentication required.",
                "-BUSY Redis is busy running a script.",
                "+pong"
            })
    void check_ofAnotherAnswer_failsWithIt(String answer) {
        Checking.fails(HealthChecker.redis(), saying(answer + "\r\n"), "expected \"+PONG\", got \"" + answer + "\"");
    }

    @Test
    void check_withAPassword_sendsIt() throws IOException {
        Script script = new Script(
                "password",
                HealthChecker.redis().password("s\u00e9cret"),
                "*2\r\n$4\r\nAUTH\r\n$7\r\ns\u00c3\u00a9cret\r\n" + PING_COMMAND,
                "+OK\r\n+PONG\r\n",
                "");

        assertThat(script.play(resources.add(TestBackend.listening()), 65536)).isEqualTo(script.heard());
    }

    @Test
    void check_withAPasswordThatIsRefused_failsWithoutIt() {
        Checking.fails(
                HealthChecker.redis().password("secret"),
                saying("-WRONGPASS invalid username-password pair or user is disabled.\r\n-NOAUTH\r\n"),
                "AUTH refused: \"-WRONGPASS\"");
        Checking.fails(
                HealthChecker.redis().password("secret"),
                saying("-ERR unknown command 'AUTH', with args beginning with: 'secret'\r\n"),
                "AUTH refused: \"-ERR\"");
    }

    @Test
    void role_ofAMaster_isOne() {
        int master = saying(MASTER_ROLE);

        Checking.passes(HealthChecker.redis().master(), master);
        Checking.passes(HealthChecker.redis().linked(), master);
        Checking.fails(HealthChecker.redis().replica(), master, "role \"master\" (expected: slave)");
        Checking.fails(HealthChecker.redis().replica().linked(), master, "role \"master\" (expected: slave)");
    }

    @Test
    void role_ofAReplicaWithoutItsMaster_isOneButNotLinked() {
        int replica = saying("+PONG\r\n*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.1\r\n:6379\r\n$7\r\nconnect\r\n:-1\r\n");

        Checking.passes(HealthChecker.redis().replica(), replica);
        Checking.fails(HealthChecker.redis().master(), replica, "role \"slave\" (expected: master)");
        Checking.fails(
                HealthChecker.redis().linked(), replica, "link to the master: \"connect\" (expected: connected)");
    }

    @Test
    void role_ofASentinel_isNeither() {
        int sentinel = saying("+PONG\r\n*2\r\n$8\r\nsentinel\r\n*0\r\n");

        Checking.fails(HealthChecker.redis().master(), sentinel, "role \"sentinel\" (expected: master)");
        Checking.fails(HealthChecker.redis().replica(), sentinel, "role \"sentinel\" (expected: slave)");
    }

    @Test
    void role_thatIsRefused_fails() {
        Checking.fails(
                HealthChecker.redis().master(),
                saying("+PONG\r\n-NOPERM no permissions to run the 'role' command\r\n"),
                "ROLE refused: \"-NOPERM no permissions to run the 'role' command\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*3\r\n:6\r\n", "*3\r\n$-1\r\n", "*3\r\n$99999\r\n", "*3\r\n$1025\r\n", "*3\r\n$x\r\n"})
    void role_thatIsNone_fails(String answer) {
        assertThat(Checking.check(HealthChecker.redis().master(), saying("+PONG\r\n" + answer)))
                .hasMessageStartingWith("not an answer to ROLE");
    }

    @Test
    void checker_withAPasswordThatCannotBe_isRefusedWithoutIt() {
        String tooLong = "secret".repeat(20_000);
        assertThatThrownBy(() -> HealthChecker.redis().password("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HealthChecker.redis().login("u", tooLong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bytes of the password: 120000 (expected: 1..64512)");
        assertThatThrownBy(() -> HealthChecker.redis().login("", "x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void checker_inWords_hasNoPassword() {
        assertThat(HealthChecker.redis().password("secret")).hasToString("redis");
        assertThat(HealthChecker.redis().login("u", "secret").replica().linked())
                .hasToString("redis replica linked");
        assertThat(HealthChecker.redis().master()).hasToString("redis master");
    }

    /** The longest that is taken goes out at once, whether the other end reads or not. */
    @Test
    void check_withTheLongestPassword_doesNotHang() {
        TestBackend backend = resources.add(TestBackend.listening(4096));

        assertThat(Checking.check(
                        HealthChecker.redis().login("\u20ac".repeat(255), "x".repeat(64_512)),
                        backend.port(),
                        Duration.ofMillis(200)))
                .hasMessageContaining("no answer within");
    }

    private int saying(String answer) {
        return resources.add(TestBackend.saying(answer)).port();
    }
}
