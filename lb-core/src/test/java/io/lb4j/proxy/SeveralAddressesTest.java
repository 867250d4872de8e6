package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.child.SeveralAddressesProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeveralAddressesTest {
    @TempDir
    Path folder;

    @Test
    void silentAddress_isOvertakenByTheNextOne_inTheSameAttempt_andItIsSaidThatThereAreSeveral() // E1, E12, E13
            throws IOException {
        Path hosts = Files.write(folder.resolve("hosts"), List.of("127.0.0.1 backend.test", "127.0.0.3 backend.test"));
        try (ChildJvm child = ChildJvm.running(SeveralAddressesProgram.class)
                .option("-Djdk.net.hosts.file=" + hosts)
                .start()) {
            assertThat(child.line()).isEqualTo("a");
            assertThat(child.line()).isEqualTo("b");
            assertThat(child.line()).isEqualTo("attempts 2");
            assertThat(child.exitCode()).isZero();
            assertThat(child.errors())
                    .filteredOn(line -> line.contains("backend host backend.test has 2 addresses"))
                    .hasSize(1)
                    .allMatch(line -> line.contains("BackendDiscovery.dns"));
        }
    }
}
