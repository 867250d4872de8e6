package io.lb4j;

import static io.lb4j.preface.Blocks.TCP4;
import static io.lb4j.preface.Blocks.TCP6;
import static io.lb4j.preface.Blocks.UNIX;
import static io.lb4j.preface.Blocks.block;
import static io.lb4j.preface.Blocks.tlv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.preface.Blocks;
import io.lb4j.testing.Background;
import io.lb4j.testing.HaProxy;
import io.lb4j.testing.Nginx;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same headers of the PROXY protocol at lb4j, at HAProxy (accept-proxy) and at nginx (listen ... proxy_protocol): the same
 * decisions, but for what is listed here.
 */
class RealProxyHeadersTest {
    private static final String SPACE = "PROXY UNKNOWN and a blank";
    private static final String WORDS = "PROXY UNKNOWN and anything";
    private static final String NOT_TCP = "v2, ";
    private static final String CHECKSUM = tlv(3, "00000000");

    private static final Map<String, byte[]> TAKEN = new LinkedHashMap<>();
    private static final Map<String, byte[]> REFUSED = new LinkedHashMap<>();

    static {
        TAKEN.put("TCP4", line("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443|"));
        TAKEN.put("TCP6", line("PROXY TCP6 2001:db8::1 ::1 56324 443|"));
        TAKEN.put("TCP6, mapped", line("PROXY TCP6 ::ffff:10.1.2.3 ::ffff:10.1.2.4 1 2|"));
        TAKEN.put("port 0", line("PROXY TCP4 192.168.0.1 192.168.0.11 0 65535|"));
        TAKEN.put("PROXY UNKNOWN", line("PROXY UNKNOWN|"));
        TAKEN.put(SPACE, line("PROXY UNKNOWN |"));
        TAKEN.put(WORDS, line("PROXY UNKNOWN x y z|"));
        TAKEN.put("v2 TCP4", block("2111", TCP4));
        TAKEN.put("v2 TCP6", block("2121", TCP6));
        TAKEN.put("v2 LOCAL", block("2000"));
        TAKEN.put("v2 LOCAL with addresses", block("2011", TCP4));
        TAKEN.put("v2 LOCAL, too short for its family", block("2011", "c0"));
        TAKEN.put("v2 LOCAL of an unknown family", block("2041", "0102"));
        TAKEN.put("v2 with an unknown TLV", block("2111", TCP4, tlv(0xee, 3)));
        TAKEN.put("v2 with a checksum", Blocks.checked(block("2111", TCP4, CHECKSUM), 31));
        TAKEN.put("v2 with the longest unique id", block("2111", TCP4, tlv(5, 128)));
        TAKEN.put("v2 with the longest authority", block("2111", TCP4, tlv(2, 255)));
        TAKEN.put("v2, as long as may be", block("2111", TCP4, tlv(0xe0, 16_368 - 12 - 3)));
        TAKEN.put(NOT_TCP + "unspecified", block("2100"));
        TAKEN.put(NOT_TCP + "unspecified with a TLV", block("2100", tlv(0xee, 3)));
        TAKEN.put(NOT_TCP + "unspecified, and no TLVs", block("2100", "0102"));
        TAKEN.put(NOT_TCP + "UDP", block("2112", TCP4));
        TAKEN.put(NOT_TCP + "Unix", block("2131", UNIX));

        REFUSED.put("no header", line("GET / HTTP/1.1||"));
        REFUSED.put("UDP4", line("PROXY UDP4 192.168.0.1 192.168.0.11 56324 443|"));
        REFUSED.put("tcp4", line("PROXY tcp4 192.168.0.1 192.168.0.11 56324 443|"));
        REFUSED.put("two blanks", line("PROXY  TCP4 192.168.0.1 192.168.0.11 56324 443|"));
        REFUSED.put("two blanks within", line("PROXY TCP4 192.168.0.1  192.168.0.11 56324 443|"));
        REFUSED.put("one port", line("PROXY TCP4 192.168.0.1 192.168.0.11 56324|"));
        REFUSED.put("three ports", line("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443 123|"));
        REFUSED.put("a blank at the end", line("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443 |"));
        REFUSED.put("LF alone", line("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\n"));
        REFUSED.put("CR alone", line("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r"));
        REFUSED.put("a negative port", line("PROXY TCP4 192.168.0.1 192.168.0.11 -1 443|"));
        REFUSED.put("a scope", line("PROXY TCP6 fe80::1%1 ::1 56324 443|"));
        REFUSED.put("108 bytes", line("PROXY UNKNOWN " + "x".repeat(92) + "|"));
        REFUSED.put("UNKNOWNX", line("PROXY UNKNOWNX|"));
        REFUSED.put("TCP4 of IPv6", line("PROXY TCP4 ::1 ::1 56324 443|"));
        REFUSED.put("TCP6 of IPv4", line("PROXY TCP6 192.168.0.1 192.168.0.11 56324 443|"));
        REFUSED.put("port 65536", line("PROXY TCP4 192.168.0.1 192.168.0.11 65536 443|"));
        REFUSED.put("a port with a zero", line("PROXY TCP4 192.168.0.1 192.168.0.11 056324 443|"));
        REFUSED.put("no IPv4 address", line("PROXY TCP4 299.168.0.1 192.168.0.11 56324 443|"));
        REFUSED.put("an octal IPv4 address", line("PROXY TCP4 010.168.0.1 192.168.0.11 56324 443|"));
        REFUSED.put("a short IPv4 address", line("PROXY TCP4 192.168.1 192.168.0.11 56324 443|"));
        REFUSED.put("v1 in the signature of v2", block("1111", TCP4));
        REFUSED.put("v2 with a wrong signature", wrongSignature());
        REFUSED.put("v2 too short", block("2111", TCP4.substring(0, TCP4.length() - 2)));
        REFUSED.put("v2 of IPv6, too short", block("2121", TCP4));
        REFUSED.put("v2, longer than may be", block("2111", TCP4, tlv(0xe0, 16_369 - 12 - 3)));
        REFUSED.put("v2 with too long a unique id", block("2111", TCP4, tlv(5, 129)));
        REFUSED.put("v2 with too long an authority", block("2111", TCP4, tlv(2, 256)));
        REFUSED.put("v2 of command 2", block("2211", TCP4));
        REFUSED.put("v2 of family 4", block("2141", TCP4));
        REFUSED.put("v2 of protocol 3", block("2113", TCP4));
        // proxy_protocol_tlv_validation.vtc
        REFUSED.put("v2 with a TLV that is too long", block("2111", TCP4, "02000a3132333435"));
        REFUSED.put("v2 with a byte behind the TLVs", block("2111", TCP4, "0200043132333435"));
        REFUSED.put("v2 with half a TLV", block("2111", TCP4, "e000"));
        REFUSED.put("v2 with a wrong checksum", block("2111", TCP4, CHECKSUM));
        REFUSED.put("v2 with a checksum of no bytes", block("2111", TCP4, tlv(3, "")));
        REFUSED.put("v2 with two checksums", Blocks.checked(block("2111", TCP4, CHECKSUM, CHECKSUM), 31));
        REFUSED.put("v2 with two unique ids", block("2111", TCP4, tlv(5, 1), tlv(5, 1)));
    }

    /** What HAProxy 2.6 decides in another way. */
    private static final Set<String> HAPROXY_DIFFERS = Set.of(
            // It wants the end of the line there; 2.1: "the receiver must ignore anything presented before the CRLF".
            SPACE,
            WORDS,
            // It looks for TLVs from the signature on, and finds none; 2.2: a receiver is free to accept it.
            NOT_TCP + "unspecified",
            NOT_TCP + "unspecified with a TLV",
            NOT_TCP + "unspecified, and no TLVs",
            NOT_TCP + "UDP",
            NOT_TCP + "Unix",
            // It takes what inet_addr takes, or does not, and the lower bits of a number; 2.1: a number, no leading
            // zeros.
            "port 65536",
            "a port with a zero",
            "no IPv4 address",
            "an octal IPv4 address",
            "a short IPv4 address",
            // It keeps one of them.
            "v2 with two unique ids");

    /** What nginx decides in another way, of headers of at most 107 bytes: before 1.23 it reads no more. */
    private static final Set<String> NGINX_DIFFERS = Set.of(
            // It wants to see UNKNOWN, and no more.
            "UNKNOWNX",
            // It keeps addresses as text, and looks at them when they are to be used.
            "TCP4 of IPv6",
            "TCP6 of IPv4",
            "a port with a zero",
            "no IPv4 address",
            "an octal IPv4 address",
            "a short IPv4 address",
            // It skips what it does not know.
            "v2 of command 2",
            "v2 of family 4",
            "v2 of protocol 3",
            // It looks at TLVs when they are asked for, and at checksums never.
            "v2 with a TLV that is too long",
            "v2 with a byte behind the TLVs",
            "v2 with half a TLV",
            "v2 with a wrong checksum",
            "v2 with a checksum of no bytes",
            "v2 with two checksums",
            "v2 with two unique ids");

    private static final int MOST_OF_NGINX = 107;

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    private Path folder;

    private TestBackend backend;
    private LoadBalancer lb;

    @BeforeEach
    void start() {
        backend = resources.add(TestBackend.echoing());
        lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> frontend.proxyProtocol(proxies -> proxies.trust("127.0.0.1")))
                .backend("127.0.0.1", backend.port())
                .noHealthCheck()
                .start());
    }

    @Test
    void headers_areTakenHere_orAreNot() {
        assertDecisions(lb.port(), Set.of(), Integer.MAX_VALUE);

        await().untilAsserted(() -> assertThat(lb.stats().proxy().closed(CloseReason.PREFACE_INVALID))
                .isEqualTo(REFUSED.size()));
    }

    @Test
    void headers_areTakenByHaProxy_asTheyAreHere() {
        assertDecisions(startHaProxy(), HAPROXY_DIFFERS, Integer.MAX_VALUE);
    }

    @Test
    void headers_areTakenByNginx_asTheyAreHere() {
        assertDecisions(startNginx(), NGINX_DIFFERS, MOST_OF_NGINX);
    }

    /** HAProxy and nginx refuse what is not there at once; section 2 asks no more of a receiver, and recommends it. */
    @Test
    void header_inTwoParts_isTakenHereAlone() {
        for (int port : new int[] {startHaProxy(), startNginx()}) {
            for (String name : new String[] {"TCP4", "v2 TCP4"}) {
                byte[] header = TAKEN.get(name);
                Peer client = resources.add(Peer.connect(port));

                client.send(Arrays.copyOf(header, 20));

                assertThat(client.receiveToEnd().end()).as(name).isIn(Peer.End.EOF, Peer.End.RESET);
            }
        }
        for (String name : new String[] {"TCP4", "v2 TCP4", "v2, as long as may be"}) {
            byte[] header = TAKEN.get(name);
            Peer client = resources.add(Peer.connect(lb.port()));

            client.send(Arrays.copyOf(header, 20));
            Background.pause(50);
            client.send(Arrays.copyOfRange(header, 20, header.length)).send("payload");

            assertThat(client.receiveText(7)).as(name).isEqualTo("payload");
        }
    }

    private static void assertDecisions(int port, Set<String> differences, int longest) {
        SoftAssertions all = new SoftAssertions();
        Map.of(true, TAKEN, false, REFUSED)
                .forEach((isTakenHere, headers) -> headers.forEach((name, header) -> {
                    if (header.length <= longest) {
                        all.assertThat(isTaken(port, header))
                                .as(name)
                                .isEqualTo(isTakenHere != differences.contains(name));
                    }
                }));
        all.assertAll();
    }

    /** In one segment with what is behind it, which alone has to come back. */
    private static boolean isTaken(int port, byte[] header) {
        byte[] payload = "payload".getBytes(StandardCharsets.US_ASCII);
        try (Peer client = Peer.connect(port)) {
            byte[] back = client.send(Blocks.join(header, payload))
                    .fin()
                    .socket()
                    .getInputStream()
                    .readAllBytes();
            assertThat(back).isIn(new byte[0], payload);
            return back.length > 0;
        } catch (IOException | UncheckedIOException reset) {
            return false;
        }
    }

    private int startHaProxy() {
        return resources
                .add(HaProxy.start(folder, port -> """
                        listen it
                          bind 127.0.0.1:%d accept-proxy
                          server one 127.0.0.1:%d
                        """.formatted(port, backend.port())))
                .port();
    }

    private int startNginx() {
        return resources
                .add(Nginx.startStream(
                        folder,
                        1,
                        port -> "server { listen 127.0.0.1:" + port
                                + " proxy_protocol; proxy_half_close on; proxy_pass 127.0.0.1:" + backend.port()
                                + "; }"))
                .port();
    }

    /** What is here as {@code |} is CR LF on the wire. */
    private static byte[] line(String text) {
        return text.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] wrongSignature() {
        byte[] header = block("2111", TCP4);
        header[10] ^= 1;
        return header;
    }
}
