package io.lb4j.preface;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.internal.util.AddressText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** F5, with the JDK's own TLS: what its clients say, and what its servers read. */
class JsseHelloTest {
    private static final int MUTATIONS = 1_000;

    /**
     * What the JDK lets pass and the specifications do not: a record of no bytes (RFC 8446, 5.1), one of another major version, no
     * compression method (4.1.2), bytes behind the extensions (4.2), an extension that is there twice (4.2), and protocols that
     * are empty (RFC 7301, 3.1), if the server does not look at them. What is invalid here reaches no server at all.
     */
    private static final Set<String> STRICTER = Set.of(
            "TLS: a record that has not 1..16384 bytes",
            "TLS: a record of a version that is not 3.x",
            "TLS: a ClientHello with wrong lengths",
            "TLS: extensions that do not end where the ClientHello does",
            "TLS: an extension that ends behind the others",
            "TLS: two extensions of one type",
            "TLS: the extension 16 has wrong lengths, or too much in it");

    @TempDir
    private static Path folder;

    private static JsseServer server;

    @BeforeAll
    static void makeKey() throws Exception {
        server = JsseServer.in(folder);
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3", "TLSv1.2", "'TLSv1.3,TLSv1.2'"})
    void hello_ofAClient_isReadAsItWasMeant(String versions) throws Exception {
        for (Optional<String> name : List.of(Optional.of("Api.Example.com"), Optional.<String>empty())) {
            for (List<String> protocols : List.of(List.of("h2", "http/1.1"), List.<String>of())) {
                byte[] hello = hello(versions, name, protocols);
                ClientHello expected = new ClientHello(
                        name.map(it -> it.toLowerCase(Locale.ROOT)).orElse(null), protocols);

                assertThat(Prefixes.whole(ClientHello::parse, hello)).isEqualTo(expected);
                assertThat(server.answer(hello)).isPresent();
                assertAgrees(hello, "unchanged");
            }
        }
    }

    /** Whatever a server of the JDK answers, with a name or without one, has the same name here, or is invalid. */
    @Test
    void hello_mutated_hasTheNameThatAServerReads() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<byte[]> samples = new ArrayList<>();
        for (String versions : List.of("TLSv1.3", "TLSv1.2")) {
            byte[] hello = hello(versions, Optional.of("www.example.com"), List.of("h2", "http/1.1"));
            samples.add(hello);
            samples.add(Hellos.inRecordsOf(40, Arrays.copyOfRange(hello, 5, hello.length)));
        }
        int answered = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] hello = Mutations.of(samples.get(random.nextInt(samples.size())), random);
            answered += assertAgrees(hello, "seed " + seed + ", round " + i) ? 1 : 0;
        }
        assertThat(answered).as("seed %d: how many were answered", seed).isGreaterThan(MUTATIONS / 20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.b",
                "A.B",
                "a-b",
                "-a",
                "a-",
                "a_b",
                "a b",
                "a.",
                ".a",
                "a..b",
                "a/b",
                "a:1",
                "1.2.3.4",
                "1.2.3",
                "::1",
                "fe80::1",
                "ä.b",
                "xn--a",
                "a\u3002b",
                "a\0",
                "*.a",
                "[::1]",
                "1.2.3.04",
                "0",
                "a%b",
            })
    void name_ofEachKind_isTheOneThatAServerReads(String name) throws Exception {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        byte[] hello = hello("TLSv1.3", Optional.of("z".repeat(bytes.length)), List.of());
        String text = new String(hello, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("\0" + (char) bytes.length + "z".repeat(bytes.length)) + 2;
        System.arraycopy(bytes, 0, hello, at, bytes.length);

        assertAgrees(hello, name);
    }

    /** Whether the server answered; if it did not, nothing is known. */
    private static boolean assertAgrees(byte[] hello, String what) {
        Optional<JsseServer.Answer> answer = server.answer(hello);
        if (answer.isPresent()) {
            Parsed<ClientHello> parsed = ClientHello.parse(hello, 0, hello.length);
            if (parsed instanceof Parsed.Invalid<ClientHello> invalid) {
                assertThat(invalid.reason()).as(what).isIn(STRICTER);
            } else {
                assertThat(parsed).as(what).isInstanceOf(Parsed.Complete.class);
                assertAgrees(answer.get(), ((Parsed.Complete<ClientHello>) parsed).value(), what);
            }
        }
        return answer.isPresent();
    }

    private static void assertAgrees(JsseServer.Answer answer, ClientHello hello, String what) {
        Optional<String> name =
                answer.serverName().filter(JsseHelloTest::isName).map(it -> it.toLowerCase(Locale.ROOT));

        assertThat(hello.serverName()).as(what).isEqualTo(name);
        answer.protocols()
                .ifPresent(protocols ->
                        assertThat(hello.applicationProtocols()).as(what).isEqualTo(protocols));
    }

    /** The JDK takes addresses for names, names of any length, and those in UTF-8, which RFC 6066 has not. */
    private static boolean isName(String name) {
        return name.length() <= 255 && name.chars().allMatch(c -> c < 0x80) && AddressText.parse(name) == null;
    }

    private static byte[] hello(String versions, Optional<String> name, List<String> protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("client.example", 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(versions.split(","));
        parameters.setServerNames(
                name.stream().<SNIServerName>map(SNIHostName::new).toList());
        parameters.setApplicationProtocols(protocols.toArray(String[]::new));
        engine.setSSLParameters(parameters);
        ByteBuffer hello = ByteBuffer.allocate(40_000);
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }
}
