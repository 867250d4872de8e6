package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.benchmarks.tls.Identity;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@EnabledOnOs(OS.LINUX)
class EndingsCommandTest {
    @TempDir
    private Path directory;

    /** Without a proxy everything is seen as it is. */
    @ParameterizedTest
    @Timeout(60)
    @CsvSource({
        "FIN, FIN",
        "RST, RESET",
        "KILLED, RESET",
        "CLOSE_NOTIFY, CLOSE_NOTIFY",
        "TLS_FIN, TRUNCATED",
        "TLS_RST, RESET"
    })
    void end_withoutAProxy_isSeenAsItIs(Ending ending, Seen.End end) throws Exception {
        SSLContext context = Identity.of(Identity.Kind.P256).context();
        Seen seen = EndingsCommand.see(new Direct(), ending, ending.isTls(), context, directory);
        assertThat(seen).isEqualTo(new Seen(end, EndingBackend.STREAM));
    }

    @Test
    @Timeout(120)
    void endings_ofWhatIsInstalled_areALineForEachEndingAndClient() {
        StringWriter said = new StringWriter();
        int exit = new CommandLine(new EndingsCommand())
                .setOut(new PrintWriter(said, true))
                .execute("--out", directory.toString());
        assertThat(exit).isZero();
        for (Ending ending : Ending.values()) {
            assertThat(said.toString().lines().filter(line -> line.startsWith(ending.text() + " ")))
                    .hasSize(2);
        }
    }
}
