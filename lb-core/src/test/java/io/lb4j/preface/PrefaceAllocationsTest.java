package io.lb4j.preface;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Allocations;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What each connection costs that says something first; by an interpreter, which spares nothing. */
class PrefaceAllocationsTest {
    private static final int TIMES = 2_000;
    private static final ProxyHeader HEADER = ProxyHeader.of(
            ProxyVersion.V2, new InetSocketAddress("10.1.2.3", 56324), new InetSocketAddress("10.0.0.1", 443));

    private Object kept;

    @Test
    void bytes_thatAreNotAll_costNextToNothing() {
        byte[] hello = Hellos.inRecordsOf(100, Hellos.large());
        byte[] line = "PROXY TCP4 192.168.0.1 192.168.0.11 56324 44".getBytes(StandardCharsets.US_ASCII);
        byte[] block = HEADER.toBytes();

        assertThat(each(() -> ClientHello.parse(hello, 0, hello.length - 1))).isLessThan(100);
        assertThat(each(() -> ProxyHeader.parse(line, 0, line.length))).isZero();
        assertThat(each(() -> ProxyHeader.parse(block, 0, block.length - 1))).isZero();
    }

    @Test
    void header_costsLessThanAConnectionMayCostMore() {
        byte[] block = HEADER.toBytes();

        assertThat(each(() -> ProxyHeader.parse(block, 0, block.length))).isLessThan(400);
        assertThat(each(HEADER::toBytes)).isLessThan(150);
    }

    @Test
    void hello_costsItsNameAndItsProtocols() {
        byte[] hello = Hellos.record(Hellos.large());

        assertThat(each(() -> ClientHello.parse(hello, 0, hello.length))).isLessThan(900);
    }

    private interface Action {
        Object run();
    }

    private long each(Action action) {
        return Allocations.each(TIMES, () -> kept = action.run());
    }
}
