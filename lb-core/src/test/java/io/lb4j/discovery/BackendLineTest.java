package io.lb4j.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.preface.ProxyVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lines of a file of backends (catalogue, F). */
class BackendLineTest {
    @Test
    void line_withEverything_isThatBackend() {
        assertThat(BackendLine.parse(
                        " 10.0.0.2:9000 , weight=3,priority=1, proxy = v2, id = blue-2,label.zone=b,label.a=x=y # new"))
                .contains(Backend.of("10.0.0.2", 9000)
                        .withId("blue-2")
                        .withWeight(3)
                        .withPriority(1)
                        .withProxyProtocol(ProxyVersion.V2)
                        .withLabel("zone", "b")
                        .withLabel("a", "x=y"));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:9000, 10.0.0.1, 9000",
        "db-1.example.com:1, db-1.example.com, 1",
        "[::1]:65535, ::1, 65535",
        "'[fd00::1:2]:80', fd00::1:2, 80",
        "a#b:80, a#b, 80",
    })
    void place_ofEachKind_isRead(String line, String host, int port) {
        assertThat(BackendLine.parse(line)).contains(Backend.of(host, port));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "\t", "# a comment", "  # 10.0.0.1:9000", "#"})
    void line_withoutABackend_isNone(String line) {
        assertThat(BackendLine.parse(line)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.1                      | backend: "10.0.0.1" (expected: host:port, with an IPv6 address in brackets)
            :9000                         | backend: ":9000" (expected: host:port, with an IPv6 address in brackets)
            ::1:9000                      | backend: "::1:9000" (expected: host:port, with an IPv6 address in brackets)
            ,weight=1                     | backend: "" (expected: host:port, with an IPv6 address in brackets)
            [::1]                         | backend: "[::1]" (expected: host:port, with an IPv6 address in brackets)
            [a.b]:9000                    | host: "[a.b]" (expected: a name, an IPv4 or an IPv6 address)
            010.1.2.3:9000                | host: "010.1.2.3" (expected: a name, an IPv4 or an IPv6 address)
            a b:9000                      | backend host: "a b" (expected: 1..255 characters, no blanks or control characters)
            a:0                           | backend port: 0 (expected: 1..65535)
            a:65536                       | backend port: 65536 (expected: 1..65535)
            a:                            | backend port: "" (expected: 1..65535)
            a:+80                         | backend port: "+80" (expected: 1..65535)
            a:\u0668                      | backend port: "\u0668" (expected: 1..65535)
            a:99999999999                 | backend port: "99999999999" (expected: 1..65535)
            a:80,weight=1001              | weight: 1001 (expected: 0..1000)
            a:80,weight=-1                | weight: "-1" (expected: a number)
            a:80,weight                   | weight: "" (expected: a number)
            a:80,priority=101             | priority: 101 (expected: 0..100)
            a:80,priority=x               | priority: "x" (expected: a number)
            a:80,wieght=3                 | "wieght=3" (expected: weight=N, priority=N, proxy=v1, proxy=v2, tls, tls=NAME, ca=FILE, id=ID or label.KEY=VALUE)
            a:80,                         | "" (expected: weight=N, priority=N, proxy=v1, proxy=v2, tls, tls=NAME, ca=FILE, id=ID or label.KEY=VALUE)
            a:80,Weight=3                 | "Weight=3" (expected: weight=N, priority=N, proxy=v1, proxy=v2, tls, tls=NAME, ca=FILE, id=ID or label.KEY=VALUE)
            a:80,ca=x                     | ca: given alone (expected: tls or tls=NAME as well)
            a:80,tls=a b                  | serverName: "a b" (expected: a host name or an address)
            a:80,proxy=v3                 | proxy: "v3" (expected: v1 or v2)
            a:80,proxy=V1                 | proxy: "V1" (expected: v1 or v2)
            a:80,proxy                    | proxy: "" (expected: v1 or v2)
            a:80,proxy=v1,proxy=v2        | proxy: given twice (expected: once)
            a:80,weight=1,weight=1        | weight: given twice (expected: once)
            a:80,label.x=1,label.x=2      | label.x: given twice (expected: once)
            a:80,id=                      | backend id: "" (expected: 1..255 characters, no blanks or control characters)
            a:80,label.=1                 | label key: "" (expected: 1..255 characters, no blanks or control characters)
            a:80,label.x                  | label value: "" (expected: 1..255 characters, no blanks or control characters)
            """)
    void line_thatIsWrong_isRefusedAndSaysWhatWasExpected(String line, String message) {
        assertThatThrownBy(() -> BackendLine.parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:80\u0000", "a:80,id=\u001b[31m", "a\uFFFD:80", "\uFFFD\uFFFDa:80"})
    void line_withWhatIsNoText_isRefusedWithoutRepeatingIt(String line) {
        assertThatThrownBy(() -> BackendLine.parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a character that is none (expected: a line of text in UTF-8)");
    }

    @Test
    void line_thatIsTooLong_isRefusedWithoutRepeatingIt() {
        assertThatThrownBy(() -> BackendLine.parse("a".repeat(4097)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("4097 characters (expected: at most 4096 on a line)");
    }

    @Test
    void proxy_ofEachVersion_isTold() {
        assertThat(BackendLine.parse("a:80,proxy=v1"))
                .contains(Backend.of("a", 80).withProxyProtocol(ProxyVersion.V1));
        assertThat(BackendLine.parse("a:80,proxy=v2").orElseThrow().proxyProtocol())
                .contains(ProxyVersion.V2);
    }

    @Test
    void numbers_atTheirBounds_areTaken() {
        assertThat(BackendLine.parse("a:80,weight=0,priority=100")).get().returns(0, Backend::weight);
        assertThat(BackendLine.parse("a:80,weight=1000,priority=0")).get().returns(1000, Backend::weight);
    }
}
