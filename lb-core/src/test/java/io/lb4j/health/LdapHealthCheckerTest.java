package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LdapHealthCheckerTest {
    private static final String BIND = "0\f\u0002\u0001\u0001`\u0007\u0002\u0001\u0003\u0004\0\u0080\0";
    private static final String UNBIND = "0\u0005\u0002\u0001\u0002B\0";

    static final Script BOUND = new Script(
            "ldap", HealthChecker.ldap(), BIND, "0\f\u0002\u0001\u0001a\u0007\n\u0001\0\u0004\0\u0004\0", UNBIND);

    @RegisterExtension
    final Resources resources = new Resources();

    /** As Active Directory has them: four bytes for each length. */
    @Test
    void check_ofLongLengths_passes() throws IOException {
        String result = "\n\u0001\0" + "\u0004\u0084\0\0\0\0" + "\u0004\u0084\0\0\0\0";
        Script script = new Script(
                "long lengths",
                HealthChecker.ldap(),
                BIND,
                "0\u0084\0\0\0\u0018" + "\u0002\u0001\u0001" + "a\u0084\0\0\0\u000f" + result,
                UNBIND);

        assertThat(script.play(resources.add(TestBackend.listening()), 65536)).isEqualTo(script.heard());
    }

    @Test
    void check_ofARefusedBind_failsWithTheServersWords() {
        Checking.fails(
                HealthChecker.ldap(),
                saying(message("\u0002\u0001\u0001", 'a', result("\u0001\u0030", "anonymous bind disallowed"))),
                "result 48: \"anonymous bind disallowed\"");
    }

    /** 128 and 4096: their first or last byte alone is no success. */
    @Test
    void check_ofAResultOfTwoBytes_fails() {
        Checking.fails(
                HealthChecker.ldap(),
                saying(message("\u0002\u0001\u0001", 'a', result("\u0002\0\u0080", ""))),
                "result 128: \"\"");
        Checking.fails(
                HealthChecker.ldap(),
                saying(message("\u0002\u0001\u0001", 'a', result("\u0002\u0010\0", ""))),
                "result 4096: \"\"");
    }

    @Test
    void check_ofAServerThatIsAboutToLeave_failsWithItsWords() {
        String notice = result("\u0001\u0034", "going down");
        Checking.fails(
                HealthChecker.ldap(), saying(message("\u0002\u0001\0", 'x', notice)), "result 52: \"going down\"");
        Checking.fails(
                HealthChecker.ldap(),
                saying(message("\u0002\u0001\0", 'x', result("\u0001\0", "odd"))),
                "result 0: \"odd\"");
    }

    @Test
    void check_ofAnotherAnswer_fails() {
        assertThat(Checking.check(
                        HealthChecker.ldap(), saying(message("\u0002\u0001\u0001", 'e', result("\u0001\0", "")))))
                .hasMessageStartingWith("not an answer to a bind");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0\u0080",
                "0\u0085\0\0\0\0\0",
                "0\u00ff",
                "0\0",
                "0\u0003\u0002\u0001\u0001",
                "0\u0005\u0002\u0001\u0001a\u0005",
                "0\u0005\u0002\u0001\u0001a\0",
                "0\u0007\u0002\u0001\u0001a\u0084\u00ff\u00ff",
                "0\u0009\u0002\u0001\u0001a\u0084\u00ff\u00ff\u00ff\u00ff",
                "0\u0003\u0003\u0001\u0001"
            })
    void check_ofLengthsThatDoNotFit_fails(String answer) {
        assertThat(Checking.check(HealthChecker.ldap(), saying(answer))).hasMessageStartingWith("not LDAP");
    }

    @Test
    void check_ofAMessageOfFourGigabytes_failsAtOnce() {
        assertThat(Checking.check(HealthChecker.ldap(), saying("0\u0084\u00ff\u00ff\u00ff\u00ff")))
                .hasMessageStartingWith("4294967295 bytes announced, not 0..65536");
    }

    @Test
    void checker_inWords_isItsName() {
        assertThat(HealthChecker.ldap()).hasToString("ldap");
    }

    private static String result(String code, String text) {
        return "\n" + code + "\u0004\0" + "\u0004" + (char) text.length() + text;
    }

    private static String message(String id, char kind, String content) {
        return "0" + (char) (id.length() + 2 + content.length()) + id + kind + (char) content.length() + content;
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
