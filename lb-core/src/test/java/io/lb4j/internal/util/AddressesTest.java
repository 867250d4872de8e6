package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AddressesTest {
    @Test
    void answered_isTheFirstFromThenOn_andTheOthersKeepTheirOrder() throws Exception {
        Addresses addresses = Addresses.of(address("127.0.0.5"), address("127.0.0.6"), address("127.0.0.1"));
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(address("127.0.0.1"), 0));
                SocketChannel connected = SocketChannel.open(listener.getLocalAddress())) {
            addresses.answered(connected);
        }
        assertThat(inOrder(addresses)).containsExactly("127.0.0.1", "127.0.0.5", "127.0.0.6");
        Addresses later =
                Addresses.of(address("127.0.0.6"), address("127.0.0.1")).after(addresses);
        assertThat(inOrder(later)).containsExactly("127.0.0.1", "127.0.0.6");
        Addresses withoutIt =
                Addresses.of(address("127.0.0.6"), address("127.0.0.5")).after(addresses);
        assertThat(inOrder(withoutIt)).containsExactly("127.0.0.6", "127.0.0.5");
    }

    @Test
    void reaches_theListener_byItsAddressOrByAnyOfThisMachine() throws Exception {
        Addresses addresses = Addresses.of(address("127.0.0.1"), address("203.0.113.9"));
        InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 5432);
        InetSocketAddress loopback = new InetSocketAddress("127.0.0.1", 5432);
        InetSocketAddress other = new InetSocketAddress("127.0.0.2", 5432);
        assertThat(addresses.reaches(address("127.0.0.1"), 5432, everywhere)).isTrue();
        assertThat(addresses.reaches(address("127.0.0.1"), 5432, loopback)).isTrue();
        assertThat(addresses.reaches(address("127.0.0.1"), 5432, other)).isFalse();
        assertThat(addresses.reaches(address("127.0.0.1"), 5433, everywhere)).isFalse();
        assertThat(addresses.reaches(address("203.0.113.9"), 5432, everywhere)).isFalse();
    }

    private static InetAddress address(String literal) throws UnknownHostException {
        return InetAddress.getByName(literal);
    }

    private static List<String> inOrder(Addresses addresses) {
        return IntStream.range(0, addresses.size())
                .mapToObj(rank -> addresses.get(rank, addresses.first()).getHostAddress())
                .toList();
    }
}
