package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.benchmarks.load.Work;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueTest {
    private static final Cores ANY = new Cores("0", 1, 0, false);

    /** Those need proxies that are set up for them. */
    @Test
    void works_byDefault_areAllOfThemButThoseThatFewProxiesDo() {
        List<String> few = List.of(
                "short-proxied", "short-hello", "limited", "tls-full", "tls-resumed", "tls-requests", "tls-download");
        List<Work> others =
                Work.ALL.stream().filter(work -> !few.contains(work.key())).toList();
        assertThat(Catalogue.works(Catalogue.WORKS)).containsExactlyElementsOf(others);
        assertThat(Catalogue.works(few)).extracting(Work::key).containsExactlyElementsOf(few);
    }

    @ParameterizedTest
    @CsvSource({
        "haproxy, short",
        "lb4j-jdk25-native, short",
        "lb4j-jdk25-native-limited, short",
        "haproxy-proxied, short-proxied",
        "lb4j-jdk25-native-proxied, short-proxied",
        "nginx-sni, short-hello",
        "haproxy-tls, tls-full tls-resumed tls-requests tls-download",
        "netty-jdk25-tls, tls-full tls-resumed tls-requests tls-download",
        "netty-tcnative-tls, tls-full tls-resumed tls-requests tls-download",
        "direct, short short-proxied short-hello"
    })
    void participant_thatIsSetUpForAWork_doesNoOther(String name, String works) {
        Participant participant = new Participant(name, new Direct().start(Path.of("."), List.of(), ANY));
        List<Work> given = Catalogue.works(List.of("short", "short-proxied", "short-hello", "tls"));
        assertThat(given.stream().filter(participant::does))
                .extracting(Work::key)
                .containsExactly(works.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lb4j-proxied", "lb4j-native-proxied", "haproxy-proxied", "nginx-proxied"})
    void participant_thatTakesHeaders_isThereForServerNamesToo(String name) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> names = List.of(name, name.replace("-proxied", "-sni"));
        assertThat(Catalogue.programs(names, List.of(java), List.of(), Optional.empty()))
                .extracting(Program::name)
                .satisfiesExactly(first -> assertThat(first).endsWith("-proxied"), second -> assertThat(second)
                        .endsWith("-sni"));
    }

    @Test
    void programs_thatDoTls_haveItInTheirNames() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String jdk = "-jdk" + Runtime.version().feature();
        assertThat(Catalogue.programs(
                        Catalogue.TLS_PROGRAMS, List.of(java), List.of(), Optional.of(Path.of("own.pem"))))
                .extracting(Program::name)
                .containsExactly(
                        "lb4j" + jdk + "-tls",
                        "lb4j" + jdk + "-native-tls",
                        "netty" + jdk + "-tls",
                        "netty-tcnative-tls",
                        "haproxy-tls",
                        "nginx-tls")
                .allMatch(Catalogue::isTls);
    }

    @Test
    void program_thatWouldDoTls_isUnknownWithoutACertificate() {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        assertThatThrownBy(() -> Catalogue.programs(List.of("haproxy-tls"), List.of(java), List.of(), Optional.empty()))
                .hasMessageContaining("--proxies: haproxy-tls (expected: ");
    }

    @Test
    void works_ofAGroup_areThoseWhoseKeysBeginWithIt() {
        assertThat(Catalogue.works(List.of("streams")))
                .extracting(Work::key)
                .containsExactly("streams-1", "streams-8", "streams-64");
    }

    @Test
    void works_ofAWholeKey_areThatOneOnly() {
        assertThat(Catalogue.works(List.of("requests-64"))).containsExactly(Work.BUSY);
    }

    @Test
    void works_thatAreNotClosedLoop_areNoneOfThem() {
        assertThat(Catalogue.works(List.of("latency", "idle", "loops"))).isEmpty();
    }

    @Test
    void works_thatAreTraced_areThoseThatDifferInTheirSystemCalls() {
        assertThat(Catalogue.traced(Work.ALL))
                .extracting(Work::key)
                .containsExactly(
                        "requests-1",
                        "requests-64",
                        "short",
                        "short-proxied",
                        "short-hello",
                        "streams-1",
                        "streams-8",
                        "streams-64",
                        "tls-full",
                        "tls-resumed",
                        "tls-requests",
                        "tls-download");
    }

    @Test
    void work_unknown_isRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> Catalogue.works(List.of("stream")))
                .hasMessageContaining("--only: stream (expected: requests, short, streams, latency");
    }

    @Test
    void mostPairs_ofALimit_leaveSomeToSpare() {
        assertThat(Descriptors.mostPairs(20_000)).isEqualTo(9_500);
        assertThat(Descriptors.mostPairs(1024)).isEqualTo(112);
        assertThat(Descriptors.mostPairs(Long.MAX_VALUE)).isEqualTo(9_500);
        assertThat(Descriptors.mostPairs(100)).isEqualTo(1);
    }
}
