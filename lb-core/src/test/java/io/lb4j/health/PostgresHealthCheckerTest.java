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
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PostgresHealthCheckerTest {
    static final String STARTUP = "\0\0\0\u003b\0\u0003\0\0user\0lb4j\0database\0postgres\0application_name\0lb4j\0\0";

    /** It ends where a password would be due: not a byte more. */
    static final Script ASKED_FOR_A_PASSWORD = new Script(
            "postgres with a password",
            HealthChecker.postgres(),
            STARTUP,
            "R\0\0\0\u0017\0\0\0\nSCRAM-SHA-256\0\0",
            "");

    static final Script TRUSTED = new Script(
            "postgres without a password", HealthChecker.postgres(), STARTUP, "R\0\0\0\b\0\0\0\0", "X\0\0\0\u0004");

    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void check_ofAServerThatStarts_failsWithItsWords() {
        Checking.fails(
                HealthChecker.postgres(),
                saying(error("57P03", "the database system is starting up")),
                "error 57P03: \"the database system is starting up\"");
    }

    /** Wrong user, wrong database, no line in pg_hba.conf, no place left. */
    @ParameterizedTest
    @ValueSource(strings = {"28000", "28P01", "3D000", "53300"})
    void check_ofAServerThatRefusesUs_passes(String state) {
        Checking.passes(HealthChecker.postgres(), saying(error(state, "no")));
    }

    @Test
    void check_ofAnErrorWithoutAState_fails() {
        String fields = "SFATAL\0Mno\0\0";
        Checking.fails(
                HealthChecker.postgres(),
                saying("E\0\0\0" + (char) (4 + fields.length()) + fields),
                "not PostgreSQL: \"E....SFATAL.Mno..\"");
    }

    @Test
    void check_ofATextWithoutALength_failsWithIt() {
        Checking.fails(
                HealthChecker.postgres(),
                saying("Ecould not fork new process for connection\n\0"),
                "not PostgreSQL, or not able to start a session: \"Ecould not fork new process for connection..\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"R\0\0\0\u0007abc", "R\0\0\u0075\u0031", "R\u00ff\u00ff\u00ff\u00ff", "S"})
    void check_ofAnotherMessage_fails(String message) {
        assertThat(Checking.check(HealthChecker.postgres(), saying(message))).hasMessageStartingWith("not PostgreSQL");
    }

    @Test
    void userAndDatabase_areSent() throws IOException {
        HealthChecker checker = HealthChecker.postgres().database("orders").user("check");
        Script script = new Script(
                "other",
                checker,
                "\0\0\0\u003a\0\u0003\0\0user\0check\0database\0orders\0application_name\0lb4j\0\0",
                TRUSTED.turns().get(1),
                "X\0\0\0\u0004");

        assertThat(script.play(resources.add(TestBackend.listening()), 65536)).isEqualTo(script.heard());
        assertThat(checker).hasToString("postgres");
    }

    @Test
    void userAndDatabase_thatWouldEndTheText_areRefused() {
        assertThatThrownBy(() -> HealthChecker.postgres().user("a\0b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HealthChecker.postgres().database("")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String error(String state, String message) {
        String fields = "SFATAL\0VFATAL\0C" + state + "\0M" + message + "\0Fpostmaster.c\0\0";
        return "E\0\0\0" + (char) (4 + fields.length()) + fields;
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
