package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.benchmarks.compare.FloodCommand.Flood;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FloodCommandTest {
    @TempDir
    private Path directory;

    @Test
    void table_hasMediansAndTheMedianOfTheRoundsRatios() {
        Map<String, List<Flood>> floods = new LinkedHashMap<>();
        floods.put("haproxy", List.of(new Flood(2000, 10), new Flood(1990, 20), new Flood(1980, 40)));
        floods.put("lb4j", List.of(new Flood(3, 20), new Flood(1, 20), new Flood(2, 20)));
        assertThat(FloodCommand.table(floods).lines().skip(1).map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "haproxy 1,990 (1,980–2,000) 20.0 (10.0–40.0) 1.00",
                        "lb4j 2.00 (1.00–3.00) 20.0 (20.0–20.0) 1.00");
    }

    @Test
    @Timeout(60)
    @EnabledOnOs(OS.LINUX)
    void flood_throughABalancer_isCounted() throws Exception {
        List<String> java =
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Cores any = new Cores("0", 1, 0, false);
        try (CountingBackend backend = new CountingBackend();
                Running running = JvmProcess.start(java, Lb4jProxy.class, directory, List.of(backend.port()), any)) {
            new Thread(backend, "backend").start();
            Flood flood = FloodCommand.flood(20, running, backend);
            assertThat(flood.reached()).isBetween(0, 20);
            assertThat(flood.cpu()).isPositive();
        }
    }
}
