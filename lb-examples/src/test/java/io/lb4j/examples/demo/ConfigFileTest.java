package io.lb4j.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lb4j.LoadBalancerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Flags in a file: how they are written, and what is said of a line that is wrong. */
class ConfigFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            quoteCharacter = '`',
            value = {
                "--listen 8080|--listen/8080",
                "  --listen\t8080  |--listen/8080",
                "--listen=8080 # that of the website|--listen=8080",
                "--backend a:1,id=b#1|--backend/a:1,id=b#1",
                "--admin-token '# and a \"blank\"'|--admin-token/# and a \"blank\"",
                "--admin-token=\"it's one\"|--admin-token=it's one",
                "--admin-token \"a\"b'c'|--admin-token/abc",
                "--admin-token ''|--admin-token/",
            })
    void words_ofALine_areThoseOfTheCommandLine(String line, String words) {
        assertThat(String.join("/", ConfigFile.words(line))).isEqualTo(words);
    }

    @Test
    void words_ofAnEmptyLine_areNone() {
        assertThat(ConfigFile.words("")).isEmpty();
        assertThat(ConfigFile.words(" \t")).isEmpty();
        assertThat(ConfigFile.words("# nothing")).isEmpty();
        assertThat(ConfigFile.words("  # nothing")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--a \"b", "--a 'b", "--a b' c", "--a='\"", "'"})
    void words_withAQuoteThatHasNoOther_areRefused(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConfigFile.words(line))
                .withMessage("\"" + line + "\" (expected: quotes in pairs)");
    }

    @Test
    void config_betweenOtherFlags_isAsIfItsFlagsStoodThere() throws IOException {
        Path first = write("--listen 0=api", "--pool api=127.0.0.1:1,127.0.0.1:2", "", "--no-admin");
        Path second =
                Files.writeString(folder.resolve("second file"), "--pool api=127.0.0.1:4\r\n--idle-timeout 9s\r\n");
        Demo demo = new Demo(List.of());
        DemoCommandLine.of(demo)
                .parseArgs(
                        "--config",
                        first.toString(),
                        "--pool=api=127.0.0.1:3",
                        "--config=" + second,
                        "--event-loops=2");
        try (RunningDemo running = demo.start()) {
            LoadBalancerConfig config = running.balancer().config();
            assertThat(config.pools().get("api").backends())
                    .extracting(backend -> backend.port())
                    .containsExactly(1, 2, 3, 4);
            assertThat(config.proxy().eventLoops()).isEqualTo(2);
            assertThat(config.proxy().timeouts().idle()).contains(Duration.ofSeconds(9));
            assertThat(running.admin()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "--listen here | Invalid value for option '--listen' ([HOST:]PORT[-PORT][=POOL]): \"here\" (expected: ",
                "--event-loops 0 | Invalid value for option '--event-loops': eventLoops: 0 (expected: 1..1024)",
                "--pool api=a:1,weight=2000 | weight: 2000 (expected: 0..1000)",
                "--connect-timeout 0s | '--connect-timeout': timeouts connect: PT0S",
                "--pool | Missing required parameter for option '--pool'",
                "--backend a:1 b:1 | Unmatched argument at index 2: 'b:1'",
                "--sni example.com | \"example.com\" (expected: NAME=POOL)",
                "--sni -x=api | '--sni': serverName: -x (expected: a host name in ASCII, perhaps with *. before it)",
                "--accept-proxy-from here | cidr: here (expected: an address and a prefix",
                "--connect-when later | \"later\" (expected: accepted or first-byte)",
                "--preface-timeout 0s | '--preface-timeout': timeouts preface: PT0S",
                "--backend a:1,proxy=v3 | proxy: \"v3\" (expected: v1 or v2)",
                "--backends a:1 | (did you mean --backend? see --help)",
                "listen 8080 | \"listen\" (expected: a flag, as in --listen 8080)",
                "--config other | --config makes no sense in such a file",
                "--config=other | --config makes no sense in such a file",
                "--listen \"8080 | \"--listen \"8080\" (expected: quotes in pairs)",
            })
    void line_thatIsWrong_isToldWithFileAndLine(String line, String message) throws IOException {
        Path file = write("# the third is wrong", "--listen 0", line, "--no-admin");
        assertThat(errorOf("--config", file.toString()))
                .startsWith("lb-examples: " + file + ", line 3: ")
                .contains(message)
                .hasLineCount(1);
    }

    @Test
    void lines_thatDoNotFit_areToldAsOnTheCommandLine() throws IOException {
        Path file = write("--listen 0=api", "--pool apis=127.0.0.1:1");
        assertThat(errorOf("--config", file.toString()))
                .startsWith(
                        "lb-examples: Invalid value for option '--listen': pool: api (expected: a --pool, one of apis)");
        Path twice = write("--selector random");
        assertThat(errorOf("--selector=first", "--config", twice.toString()))
                .contains("'--selector' (NAME) should be specified only once");
    }

    @Test
    void file_thatIsNoText_cannotBeRead() throws IOException {
        Path file = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0, 1});
        assertThat(errorOf("--config", file.toString())).contains("'--config': cannot read " + file);
        assertThat(errorOf("--config", folder.toString())).contains("'--config': cannot read " + folder);
    }

    private Path write(String... lines) throws IOException {
        return Files.write(folder.resolve("demo.conf"), List.of(lines));
    }

    private static String errorOf(String... args) {
        StringWriter err = new StringWriter();
        int exitCode = DemoCommandLine.of(new Demo(List.of(0)))
                .setErr(new PrintWriter(err, true))
                .execute(args);
        assertThat(exitCode).isEqualTo(2);
        return err.toString();
    }
}
