package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** A user's module that requires this one, with slf4j-api and nothing else beside it: compiles, without a warning, and runs. */
@Timeout(120)
class ModularConsumerTest {
    private static final String MODULE = "module shop { requires io.lb4j; }";
    private static final String MAIN = """
            package shop;
            import io.lb4j.LoadBalancer;
            import io.lb4j.event.AccessLog;
            import io.lb4j.health.HealthChecker;
            import org.slf4j.LoggerFactory;
            public class Main {
                public static void main(String[] args) throws Exception {
                    try (LoadBalancer lb = LoadBalancer.builder()
                            .backend("127.0.0.1", 1)
                            .healthCheck(check -> check.checker(HealthChecker.tcpConnect()))
                            .listener(AccessLog.to(LoggerFactory.getLogger("access")))
                            .start()) {
                        System.out.println(lb.port() > 0 ? "listening" : "deaf");
                    }
                }
            }
            """;

    @TempDir
    Path directory;

    @Test
    void module_withSlf4jAlone_compilesAndRuns() throws Exception {
        Path module = source("module-info.java", MODULE);
        Path main = source("Main.java", MAIN);
        StringWriter said = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options =
                List.of("--module-path", modules(), "-d", classes().toString(), "-Xlint:all", "-Werror");
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            boolean compiled = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjects(module, main))
                    .call();
            assertThat(compiled).as(said.toString()).isTrue();
        }
        assertThat(run()).startsWith("listening");
    }

    private Path source(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private Path classes() {
        return directory.resolve("classes");
    }

    private String run() throws Exception {
        Path output = directory.resolve("output");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dslf4j.internal.verbosity=ERROR",
                        "--module-path",
                        modules() + File.pathSeparator + classes(),
                        "-m",
                        "shop/shop.Main")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(java.waitFor(60, TimeUnit.SECONDS)).isTrue();
            String said = Files.readString(output);
            assertThat(java.exitValue()).as(said).isZero();
            return said;
        } finally {
            java.destroyForcibly();
        }
    }

    private static String modules() throws URISyntaxException {
        return placeOf(LoadBalancer.class) + File.pathSeparator + placeOf(Logger.class);
    }

    private static Path placeOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
