package io.lb4j.preface;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What programs say first, when they are asked to. */
class RealHellosTest {
    private static final int LONGEST_SILENCE = 20_000;

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "-servername Api.example.com -alpn h2,http/1.1; api.example.com; h2,http/1.1",
                "-servername xn--bcher-kva.example -tls1_2; xn--bcher-kva.example; -",
                "-noservername -alpn acme-tls/1 -tls1_3; -; acme-tls/1",
                "-servername 10.0.0.1; -; -",
                "-servername my_service. -tls1_2; -; -",
            })
    void hello_ofOpenssl_isReadAsItWasMeant(String flags, String name, String protocols) throws Exception {
        String openssl = Program.require("openssl");
        List<String> expected = protocols == null ? List.of() : List.of(protocols.split(","));

        ClientHello hello = first(ClientHello::parse, address -> {
            List<String> command = new ArrayList<>(List.of(openssl, "s_client", "-connect", address));
            command.addAll(List.of(flags.split(" ")));
            return command;
        });

        assertThat(hello).isEqualTo(new ClientHello(name, expected));
    }

    /** Larger than a segment, and in records of 512 bytes. */
    @Test
    void hello_ofOpensslInSeveralRecords_isReadAsAWhole() throws Exception {
        String openssl = Program.require("openssl");
        List<String> many =
                IntStream.range(0, 60).mapToObj(i -> "p".repeat(60) + i).toList();

        ClientHello hello = first(
                ClientHello::parse,
                address -> List.of(
                        openssl,
                        "s_client",
                        "-connect",
                        address,
                        "-servername",
                        "a.b",
                        "-max_send_frag",
                        "512",
                        "-alpn",
                        String.join(",", many)));

        assertThat(hello).isEqualTo(new ClientHello("a.b", many));
    }

    @Test
    void hello_ofCurl_isReadAsItWasMeant() throws Exception {
        String curl = Program.require("curl");

        ClientHello hello = first(
                ClientHello::parse,
                address -> List.of(
                        curl, "-sk", "--connect-to", "www.example.com:443:" + address, "https://www.example.com/"));

        assertThat(hello.serverName()).contains("www.example.com");
        assertThat(hello.applicationProtocols()).contains("http/1.1");
    }

    @Test
    void header_ofCurl_isReadAsItWasMeant() throws Exception {
        String curl = Program.require("curl");

        ProxyHeader header = first(
                ProxyHeader::parse, address -> List.of(curl, "-s", "--haproxy-protocol", "http://" + address + "/"));

        assertThat(header.version()).isEqualTo(ProxyVersion.V1);
        assertThat(header.source()).isPresent();
        assertThat(header.source().get().getAddress()).isEqualTo(InetAddress.getLoopbackAddress());
    }

    private interface Command {
        List<String> to(String address);
    }

    /** What this client says first; he is left alone then. */
    private static <T> T first(Prefixes.Parser<T> parser, Command command) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(LONGEST_SILENCE);
            String address = "127.0.0.1:" + server.getLocalPort();
            try (Program client = Program.start(command.to(address).toArray(String[]::new));
                    Socket accepted = server.accept()) {
                accepted.setSoTimeout(LONGEST_SILENCE);
                byte[] bytes = read(parser, accepted, client);
                return Prefixes.whole(parser, bytes);
            }
        }
    }

    private static <T> byte[] read(Prefixes.Parser<T> parser, Socket accepted, Program client) throws IOException {
        byte[] bytes = new byte[ClientHello.MAX_LENGTH];
        int length = 0;
        Parsed<T> parsed = Parsed.incomplete();
        while (parsed instanceof Parsed.Incomplete) {
            int read = accepted.getInputStream().read(bytes, length, bytes.length - length);
            assertThat(read).as("behind %d bytes: %s", length, client.output()).isPositive();
            length += read;
            parsed = parser.parse(bytes, 0, length);
        }
        assertThat(parsed).isInstanceOf(Parsed.Complete.class);
        return Arrays.copyOf(bytes, ((Parsed.Complete<T>) parsed).length());
    }
}
