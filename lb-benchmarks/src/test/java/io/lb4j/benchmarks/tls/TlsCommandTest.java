package io.lb4j.benchmarks.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

class TlsCommandTest {
    @Test
    @Timeout(60)
    void tls_ofAMoment_saysHowFastItWasAndWhatEnginesKeep() {
        StringWriter said = new StringWriter();
        int exit = new CommandLine(new TlsCommand())
                .setOut(new PrintWriter(said, true))
                .execute("--seconds", "1", "--engines", "10");
        assertThat(exit).isZero();
        assertThat(said.toString().lines().map(line -> line.strip().replaceAll(" +", " ")))
                .anyMatch(line -> line.matches("1,000 \\d+\\.\\d+"))
                .anyMatch(line -> line.matches("TLSv1.3 true -?[\\d,]+"))
                .anyMatch(line -> line.matches("TLSv1.2 false -?[\\d,]+"));
    }
}
