package io.lb4j.discovery;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.TextFile;
import io.lb4j.testing.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file of backends, as it is found on disks (catalogue, F). */
class FileDiscoveryTest {
    @TempDir
    private Path folder;

    private Path file;
    private BackendDiscovery discovery;

    @BeforeEach
    void createFile() {
        file = folder.resolve("backends.txt");
        discovery = BackendDiscovery.file(file);
    }

    @Test
    void file_withBackends_listsThemInItsOrder() throws Exception {
        write("# blue\n10.0.0.2:9000\n\n10.0.0.1:9000,weight=3\n[fd00::3]:9000   # far\n");
        assertThat(discovery.discover())
                .containsExactly(
                        Backend.of("10.0.0.2", 9000),
                        Backend.of("10.0.0.1", 9000).withWeight(3),
                        Backend.of("fd00::3", 9000));
        assertThat(discovery).hasToString("file(" + file + ")");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a:1\nb:2\n",
                "a:1\nb:2\n\n",
                "a:1\r\nb:2\r\n",
                "a:1\rb:2\r",
                "\uFEFFa:1\nb:2\n",
                "\uFEFF# x\r\n\r\na:1\r\nb:2\r\n"
            })
    void file_ofAnyEditor_isReadTheSame(String text) throws Exception {
        write(text);
        assertThat(discovery.discover()).containsExactly(Backend.of("a", 1), Backend.of("b", 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\uFEFF", "\n\n", "# nobody\n"})
    void file_withoutABackend_isAnEmptyAnswer(String text) throws Exception {
        write(text);
        assertThat(discovery.discover()).isEmpty();
    }

    // ---- changes

    @Test
    void file_replacedByRename_isSeen() throws Exception {
        write("a:1\n");
        assertThat(discovery.discover()).containsExactly(Backend.of("a", 1));
        Path next = Files.writeString(folder.resolve("next"), "b:2\n");
        Files.setLastModifiedTime(next, Files.getLastModifiedTime(file));
        Files.move(next, file, ATOMIC_MOVE);
        assertThat(discovery.discover()).containsExactly(Backend.of("b", 2));
    }

    @Test
    void file_rewrittenInTheSameTickToTheSameLength_isSeen() throws Exception {
        FileTime tick = FileTime.fromMillis(1_700_000_000_000L);
        for (int port = 1; port <= 9; port++) {
            write("a:" + port + "\n");
            Files.setLastModifiedTime(file, tick);
            assertThat(discovery.discover()).containsExactly(Backend.of("a", port));
        }
    }

    @Test
    void file_behindALinkThatIsSwitched_isSeen() throws Exception {
        Path one = Files.createDirectory(folder.resolve("one"));
        Path two = Files.createDirectory(folder.resolve("two"));
        Files.writeString(one.resolve("backends.txt"), "a:1\n");
        Files.writeString(two.resolve("backends.txt"), "b:2\n");
        Path current = Files.createSymbolicLink(folder.resolve("current"), one);
        BackendDiscovery linked = BackendDiscovery.file(current.resolve("backends.txt"));
        assertThat(linked.discover()).containsExactly(Backend.of("a", 1));
        Files.move(Files.createSymbolicLink(folder.resolve("next"), two), current, ATOMIC_MOVE);
        assertThat(linked.discover()).containsExactly(Backend.of("b", 2));
    }

    @Test
    void file_thatVanishesAndComesBack_isAFailureMeanwhile() throws Exception {
        write("a:1\n");
        assertThat(discovery.discover()).hasSize(1);
        Files.delete(file);
        assertThatThrownBy(discovery::discover).isInstanceOf(IOException.class).hasMessage(file + ": no such file");
        write("b:2\n");
        assertThat(discovery.discover()).containsExactly(Backend.of("b", 2));
    }

    /** Cut anywhere but between two lines, it is not believed; a CRLF that is cut in two ends its line. */
    @Test
    void file_cutInMidLine_isRefusedAsAWhole() throws Exception {
        String whole = "10.0.0.1:9000\n10.0.0.2:9000,weight=10\r\n# blue\n10.0.0.3:9000\n";
        for (int length = 1; length < whole.length(); length++) {
            write(whole.substring(0, length));
            char last = whole.charAt(length - 1);
            if (last == '\n' || last == '\r') {
                assertThat(discovery.discover()).isNotEmpty();
            } else {
                long line = whole.substring(0, length).lines().count();
                assertThatThrownBy(discovery::discover)
                        .isInstanceOf(IOException.class)
                        .hasMessage(file + ", line " + line
                                + ": no line break behind it (expected: one behind every line, the last one too;"
                                + " without it the file is taken for one that is still being written)");
            }
        }
        write(whole);
        assertThat(discovery.discover()).hasSize(3);
    }

    // ---- what is refused

    @Test
    void file_withOneBadLine_isRefusedAsAWholeAndNamesIt() throws Exception {
        write("a:1\n\n# fine\nb:2,wieght=3\nc:3\n");
        assertThatThrownBy(discovery::discover)
                .isInstanceOf(IOException.class)
                .hasMessage(file
                        + ", line 4: \"wieght=3\" (expected: weight=N, priority=N, proxy=v1, proxy=v2, tls, tls=NAME, ca=FILE, id=ID or"
                        + " label.KEY=VALUE)");
    }

    @Test
    void file_thatIsNoUtf8_isRefused() throws Exception {
        Files.write(file, "a:1\nb\u00e4r:2\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(discovery::discover).hasMessageStartingWith(file + ", line 2: a character that is none");
        Files.write(file, "\uFEFFa:1\n".getBytes(StandardCharsets.UTF_16LE));
        assertThatThrownBy(discovery::discover).hasMessageStartingWith(file + ", line 1: a character that is none");
    }

    @Test
    void file_thatIsHuge_isRefusedBeyondItsBound() throws Exception {
        String line = "#".repeat(TextFile.MAX_BYTES - 5);
        write(line + "\na:1\n");
        assertThat(discovery.discover()).containsExactly(Backend.of("a", 1));
        write(line + "\na:12\n");
        assertThatThrownBy(discovery::discover)
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": too large (expected: at most 1048576 bytes)");
    }

    @Test
    void file_thatIsAFolder_isRefused() throws Exception {
        Files.createDirectory(file);
        assertThatThrownBy(discovery::discover)
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": not a regular file");
    }

    @Test
    void file_thatIsAPipe_isRefusedAndNotWaitedFor() {
        Program.run(Program.require("mkfifo"), file.toString());
        assertThatThrownBy(discovery::discover)
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": not a regular file");
    }

    @Test
    @SuppressWarnings("NullAway")
    void file_null_isRefusedOnItsLine() {
        assertThatThrownBy(() -> BackendDiscovery.file(null)).hasMessage("file: null (expected: a value)");
    }

    @Test
    void file_byARelativePath_isNamedInFull() {
        BackendDiscovery relative = BackendDiscovery.file(Path.of("no-such-file-here.txt"));
        assertThatThrownBy(relative::discover)
                .hasMessage(Path.of("").toAbsolutePath().resolve("no-such-file-here.txt") + ": no such file");
    }

    // ---- fixed

    @Test
    @SuppressWarnings("NullAway")
    void fixed_alwaysAnswers_theListItWasGiven() throws Exception {
        List<Backend> backends = new java.util.ArrayList<>(List.of(Backend.of("a", 1)));
        BackendDiscovery fixed = BackendDiscovery.fixed(backends);
        backends.clear();
        assertThat(fixed.discover()).containsExactly(Backend.of("a", 1));
        assertThat(fixed).hasToString("fixed(1)");
        backends.add(null);
        assertThatThrownBy(() -> BackendDiscovery.fixed(backends)).hasMessage("backend: null (expected: a value)");
        assertThatThrownBy(() -> BackendDiscovery.fixed(null)).hasMessage("backends: null (expected: a value)");
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text);
    }
}
