package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class MysqlHealthCheckerTest {
    private static final HealthChecker CHECKER = HealthChecker.mysql("lbcheck");
    private static final String OK = "\0\0\0\u0002\0\0\0";
    private static final String QUIT = "\u0001\0\0\0\u0001";

    static final Script LOGGED_IN = new Script(
            "mysql",
            CHECKER,
            "",
            packet(0, greeting("mysql_native_password")),
            packet(1, login("\u0008", "\0", "mysql_native_password\0")),
            packet(2, OK),
            QUIT);

    /** A server of MySQL 8 proposes one way, and this user has the other; and the other way round. */
    static final Script LOGGED_IN_IN_ANOTHER_WAY = new Script(
            "mysql that changes the plugin",
            CHECKER,
            "",
            packet(0, greeting("caching_sha2_password")),
            packet(1, login("\u0008", "\u0001\0", "caching_sha2_password\0")),
            packet(2, "\u00femysql_native_password\0" + "s".repeat(20) + "\0"),
            packet(3, ""),
            packet(4, OK),
            QUIT);

    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void check_ofAServerThatChangesToAHashedPassword_saysThatItIsEmpty() throws IOException {
        plays(new Script(
                "to sha2",
                CHECKER,
                "",
                packet(0, greeting("mysql_native_password")),
                packet(1, login("\u0008", "\0", "mysql_native_password\0")),
                packet(2, "\u00fecaching_sha2_password\0" + "s".repeat(20) + "\0"),
                packet(3, "\0"),
                packet(4, OK),
                QUIT));
    }

    @Test
    void check_ofAServerWithoutPlugins_namesNone() throws IOException {
        String old = "\n5.1.0\0" + "\u0005\0\0\0" + "12345678" + "\0" + "\u0000\u00a2" + "\u0021" + "\u0002\0"
                + "\0\0\0" + "\0".repeat(10) + "123456789012\0";
        plays(new Script("old", CHECKER, "", packet(0, old), packet(1, login("\0", "\0", "")), packet(2, OK), QUIT));
    }

    private void plays(Script script) throws IOException {
        assertThat(script.play(resources.add(TestBackend.listening()), 65536)).isEqualTo(script.heard());
    }

    @Test
    void check_ofAServerThatIsFull_failsWithItsWords() {
        fails(packet(0, "\u00ff\u0010\u0004Too many connections"), "error 1040: \"Too many connections\"");
        fails(packet(0, "\u00ff\u0010\u0004#08004Too many connections"), "error 1040: \"Too many connections\"");
    }

    @Test
    void check_ofAServerThatLockedUsOut_failsWithItsWords() {
        fails(packet(0, "\u00ff\u0069\u0004Host 'x' is blocked"), "error 1129: \"Host 'x' is blocked\"");
    }

    @Test
    void check_ofAUserWhoIsRefused_failsWithTheServersWords() {
        String greeting = packet(0, greeting("mysql_native_password"));
        fails(greeting + packet(2, "\u00ff\u0015\u0004#28000Access denied"), "error 1045: \"Access denied\"");
        fails(greeting + packet(2, "\u0001\u0004"), "login of lbcheck without a password not accepted");
        fails(
                greeting + packet(2, "\u00femysql_native_password\0s\0") + packet(4, "\u00ff\u0015\u0004#28000no"),
                "error 1045: \"no\"");
    }

    @Test
    void check_ofAnErrorThatIsCutOff_fails() {
        assertThat(check(packet(0, "\u00ff\u0015"))).hasMessageStartingWith("not MySQL");
        assertThat(check(packet(0, "\u00ff\u0015\u0004#28"))).hasMessage("error 1045: \"#28\"");
    }

    @Test
    void check_ofAGreetingThatIsShorterThanOne_fails() {
        String greeting = greeting("");
        for (int length = 1; length < greeting.length() - 1; length++) {
            assertThat(check(packet(0, greeting.substring(0, length))))
                    .as("%d bytes", length)
                    .hasMessageStartingWith("not MySQL");
        }
    }

    @Test
    void check_ofAnotherVersionOrAnEmptyPacket_fails() {
        assertThat(check(packet(0, "\t3.20\0"))).hasMessageStartingWith("not MySQL");
        assertThat(check(packet(0, ""))).hasMessageStartingWith("not MySQL");
        assertThat(check("\u00ff\u00ff\u00ff\0")).hasMessageStartingWith("not MySQL");
    }

    @Test
    void user_thatWouldEndTheText_isRefused() {
        assertThatThrownBy(() -> HealthChecker.mysql("a\0b")).isInstanceOf(IllegalArgumentException.class);
        assertThat(CHECKER).hasToString("mysql lbcheck");
    }

    /** One of MariaDB 10.11, with other salt. */
    private static String greeting(String plugin) {
        return "\n5.5.5-10.11.19-MariaDB\0" + "\u0005\0\0\0" + "12345678" + "\0" + "\u00fe\u00f7" + "\u0008"
                + "\u0002\0" + "\u00ff\u0081" + "\u0015" + "\0".repeat(10) + "123456789012\0" + plugin + "\0";
    }

    private static String login(String pluginAuth, String password, String plugin) {
        return "\u0001\u0082" + pluginAuth + "\0" + "\0\0\0\u0001" + "\u0021" + "\0".repeat(23) + "lbcheck\0" + password
                + plugin;
    }

    private static String packet(int number, String body) {
        return "" + (char) body.length() + "\0\0" + (char) number + body;
    }

    private void fails(String answer, String message) {
        assertThat(check(answer)).isInstanceOf(IOException.class).hasMessage(message);
    }

    private Throwable check(String answer) {
        TestBackend backend = resources.add(TestBackend.serving(peer -> {
            peer.send(Script.bytes(answer)).fin();
            peer.receiveToEnd();
        }));
        Throwable thrown = Checking.check(CHECKER, backend.port());
        assertThat(thrown).isNotNull();
        return thrown;
    }
}
