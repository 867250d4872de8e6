package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.child.CheckedAddressesProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckedAddressesTest {
    @TempDir
    Path folder;

    @Test
    void checksAndConnections_haveOneResolver_andOneOrderOfAddresses() throws IOException { // E2, E13
        Path hosts = Files.write(folder.resolve("hosts"), List.of("127.0.0.1 backend.test", "127.0.0.3 backend.test"));
        try (ChildJvm child = ChildJvm.running(CheckedAddressesProgram.class)
                .option("-Djdk.net.hosts.file=" + hosts)
                .start()) {
            assertThat(child.line()).as("where connections begin").isEqualTo("127.0.0.3");
            assertThat(child.line()).isEqualTo("checked true");
            assertThat(child.exitCode()).isZero();
            assertThat(child.errors())
                    .filteredOn(line -> line.contains("checked: backend host backend.test has 2 addresses"))
                    .hasSize(1);
        }
    }
}
