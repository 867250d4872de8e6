package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.examples.testing.PublicApi;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README and the overview of the API documentation say of the library exists, and their programs compile. */
class PagesTest {
    private static final Path README = Path.of("../README.md");
    private static final Path OVERVIEW = Path.of("../lb-core/src/main/javadoc/overview.html");

    /** What a program of the pages takes for granted, beside the imports: things of the reader's own. */
    private static final String READERS_OWN = """
            org.slf4j.Logger log, LoadBalancerStats earlier, LoadBalancerListener auditor,
            java.util.concurrent.Executor executor, io.micrometer.core.instrument.MeterRegistry registry, String secret
            """;

    @TempDir
    Path folder;

    @Test
    void programs_ofThePages_compile() throws Exception {
        List<String> programs = new ArrayList<>(matches(Files.readString(README), "(?s)```java\\n(.*?)```"));
        programs.addAll(matches(Files.readString(OVERVIEW), "(?s)<pre>\\{@code\\n(.*?)\\n\\}</pre>"));
        assertThat(programs).hasSizeGreaterThan(3);
        assertThat(errorsOf(programs)).isEmpty();
    }

    @Test
    void program_withASettingThatIsNone_doesNotCompile() throws Exception {
        assertThat(errorsOf(List.of("LoadBalancer.builder().shape(\"round\").start();")))
                .singleElement()
                .asString()
                .contains("shape(java.lang.String)");
    }

    @Test
    void settings_namedOnThePages_exist() throws Exception {
        List<String> named = new ArrayList<>(settings(Files.readString(OVERVIEW), "<code>([^<]*)</code>"));
        named.addAll(settings(withoutBlocks(Files.readString(README)), "`([^`]*)`"));
        assertThat(named).hasSizeGreaterThan(30).contains("onDown", "slowStart");
        named.removeAll(PublicApi.names());
        named.remove("mavenLocal"); // Gradle's
        assertThat(named).as("what is named and does not exist").isEmpty();
    }

    @Test
    void settings_findsThemInAllTheirForms() {
        assertThat(settings(
                        "<code>onDown(CLOSE)</code>, <code>a(b -> b.c(1).d(2))</code> and <code>x</code>",
                        "<code>([^<]*)</code>"))
                .containsExactlyInAnyOrder("onDown", "CLOSE", "a", "c", "d");
    }

    @Test
    void recipes_namedInTheOverview_exist() throws Exception {
        List<String> recipes = matches(Files.readString(OVERVIEW), "io\\.lb4j\\.examples\\.[\\w.]*\\w");
        assertThat(recipes).contains(HelloLoadBalancer.class.getName());
        for (String recipe : recipes) {
            assertThat(Class.forName(recipe)).isNotNull();
        }
    }

    @Test
    void everyExample_isNamedInTheListsOfThem() throws Exception {
        String list = Files.readString(Path.of("src/main/java/io/lb4j/examples/package-info.java"));
        String overview = Files.readString(OVERVIEW);
        assertThat(ExamplesTest.mainClasses()).allSatisfy(example -> {
            assertThat(list).contains("{@link " + example.getName() + "}");
            assertThat(overview).contains("<code>" + example.getName() + "</code>");
        });
    }

    private static String withoutBlocks(String markdown) {
        return markdown.replaceAll("(?s)```.*?```", "");
    }

    /** What is called, and constants that are handed in, of the code on a page. */
    private static List<String> settings(String page, String code) {
        return matches(page, code).stream()
                .flatMap(piece -> matches(piece, "(?<![\\w/-])(?:(\\w+)(?=\\()|(?<=\\()([A-Z_]{3,})(?=\\)))").stream())
                .toList();
    }

    /** The first group of each match that has one, or the whole of it. */
    private static List<String> matches(String text, String regex) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map(match -> match.groupCount() > 0 && match.group(1) != null ? match.group(1) : match.group())
                .toList();
    }

    /** With the line that is wrong. */
    private List<String> errorsOf(List<String> programs) throws Exception {
        String imports = imports();
        List<Source> sources = new ArrayList<>();
        for (String program : programs) {
            sources.add(new Source("Program" + sources.size(), imports, program));
        }
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<String> options =
                List.of("-proc:none", "-d", folder.toString(), "-classpath", System.getProperty("java.class.path"));
        ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, diagnostics, options, null, sources)
                .call();
        return diagnostics.getDiagnostics().stream()
                .filter(found -> found.getKind() == Diagnostic.Kind.ERROR)
                .map(found -> ((Source) found.getSource()).line(found.getLineNumber()) + ": " + found.getMessage(null))
                .toList();
    }

    private static String imports() throws Exception {
        return PublicApi.classes().stream()
                        .map(type -> "import " + type.getPackageName() + ".*;\n")
                        .distinct()
                        .collect(Collectors.joining())
                + "import java.nio.file.Path;\nimport java.time.Duration;\nimport java.util.*;\nimport org.slf4j.LoggerFactory;\n";
    }

    /** The statements of a program as a class. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String imports, String statements) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            text = imports + "class " + name
                    + " {\n    static void ping(Backend backend) throws java.io.IOException {}\n" + "    void run("
                    + READERS_OWN + ") throws Exception {\n" + statements + "    }\n}\n";
        }

        String line(long number) {
            return text.lines().toList().get((int) number - 1).strip();
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
