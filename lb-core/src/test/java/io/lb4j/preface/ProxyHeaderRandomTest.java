package io.lb4j.preface;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProxyHeaderRandomTest {
    private static final int MUTATIONS = 100_000;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    void headers_written_areParsedAsTheyWere() {
        for (int round = 0; round < 5_000; round++) {
            ProxyHeader header = header();
            assertParsed(header, header.toBytes());
            if (header.version() == ProxyVersion.V2) {
                assertParsed(header, header.toBytesWithChecksum());
            }
        }
    }

    private void assertParsed(ProxyHeader header, byte[] written) {
        assertThat(ProxyHeader.parse(written, 0, written.length))
                .as("seed %d, %s", seed, header)
                .isEqualTo(Parsed.complete(header, written.length));
    }

    /** F1, F2: whatever comes, there is an answer; it holds for more bytes; what is read can be written and read again. */
    @Test
    void headers_mutated_areAnsweredTheSameWhateverComesBehind() {
        List<byte[]> samples = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            ProxyHeader header = header();
            samples.add(
                    random.nextInt(3) == 0 && header.version() == ProxyVersion.V2
                            ? header.toBytesWithChecksum()
                            : header.toBytes());
        }
        int complete = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] mutated = Mutations.of(samples.get(random.nextInt(samples.size())), random);
            Parsed<ProxyHeader> parsed = Mutations.parse(ProxyHeader::parse, mutated, random, seed);
            if (parsed instanceof Parsed.Complete<ProxyHeader> found) {
                complete++;
                byte[] again = found.value().toBytes();
                assertThat(ProxyHeader.parse(again, 0, again.length))
                        .isEqualTo(Parsed.complete(found.value(), again.length));
            }
        }
        assertThat(complete)
                .as("seed %d: how many were right all the same", seed)
                .isGreaterThan(MUTATIONS / 50);
    }

    private ProxyHeader header() {
        ProxyVersion version = random.nextInt(3) == 0 ? ProxyVersion.V1 : ProxyVersion.V2;
        int kind = random.nextInt(10);
        ProxyHeader header = kind == 0
                ? ProxyHeader.unknown(version)
                : kind == 1 ? ProxyHeader.local(version) : ProxyHeader.of(version, address(), address());
        if (version == ProxyVersion.V1 || header.isLocal()) {
            return header;
        }
        for (int more = random.nextInt(4); more > 0; more--) {
            ProxyTlv tlv = tlv();
            boolean isOneTooMany =
                    tlv.type() == ProxyTlv.UNIQUE_ID && header.uniqueId().isPresent();
            header = isOneTooMany ? header : header.with(tlv);
        }
        return header;
    }

    private ProxyTlv tlv() {
        int type = random.nextBoolean() ? random.nextInt(6) : random.nextInt(256);
        byte[] value = new byte[random.nextInt(10) == 0 ? random.nextInt(129) : random.nextInt(9)];
        random.nextBytes(value);
        return ProxyTlv.of(type == ProxyTlv.CRC32C ? 0xea : type, value);
    }

    /** Many zeros and ones in it, where addresses are spelled in several ways. */
    private InetSocketAddress address() {
        byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextBoolean() ? 0 : random.nextInt(4) == 0 ? 255 : random.nextInt());
        }
        if (bytes.length == 16 && random.nextInt(4) == 0) {
            System.arraycopy(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1}, 0, bytes, 0, 12);
        }
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(bytes), random.nextInt(5) == 0 ? 65_535 : random.nextInt(65_536));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
