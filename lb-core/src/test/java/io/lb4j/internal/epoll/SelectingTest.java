package io.lb4j.internal.epoll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.Resources;
import io.lb4j.testing.TransportOfThisRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a selector promises of sockets that are ready, whichever transport the tests run with: it tells again and again, of
 * what there is and of nothing else.
 */
@Timeout(60)
class SelectingTest {
    private static final SelectorProvider SOCKETS = TransportOfThisRun.sockets();
    private static final int MANY = 1 << 20;
    private static final Duration NO_TIME = Duration.ZERO;

    @RegisterExtension
    final Resources resources = new Resources();

    private final ServerSocket listener = resources.add(listener());
    private final Selector selector = resources.add(selector());
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(MANY);
    private Socket peer;

    private static ServerSocket listener() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Selector selector() {
        try {
            return SOCKETS.openSelector();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = resources.add(SOCKETS.openSocketChannel());
        channel.configureBlocking(false);
        channel.connect(listener.getLocalSocketAddress());
        peer = resources.add(listener.accept());
        peer.setTcpNoDelay(true);
        await().pollDelay(NO_TIME).until(channel::finishConnect);
        return channel;
    }

    private static int ready(Selector selector) throws IOException {
        int[] ops = new int[1];
        selector.selectNow(key -> ops[0] |= key.readyOps());
        return ops[0];
    }

    private void awaitReady(int ops) {
        await().pollDelay(NO_TIME).pollInterval(Duration.ofMillis(1)).until(() -> ready(selector) == ops);
    }

    private int read(SocketChannel channel, int most) throws IOException {
        return channel.read(buffer.clear().limit(most));
    }

    private void send(int bytes) throws IOException {
        peer.getOutputStream().write(new byte[bytes]);
    }

    @Test
    void bytes_thatStayUnread_areToldOfEachTime() throws IOException {
        SocketChannel channel = connect();
        channel.register(selector, SelectionKey.OP_READ);
        send(100);
        awaitReady(SelectionKey.OP_READ);
        assertThat(ready(selector)).isEqualTo(SelectionKey.OP_READ);
        assertThat(read(channel, 60)).isEqualTo(60);
        assertThat(ready(selector)).isEqualTo(SelectionKey.OP_READ);
        assertThat(read(channel, 60)).isEqualTo(40);
        assertThat(ready(selector)).isZero();
        send(1);
        awaitReady(SelectionKey.OP_READ);
    }

    @Test
    void interest_thatGoesAndComes_losesNothing() throws IOException {
        SocketChannel channel = connect();
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        assertThat(ready(selector)).isZero();
        key.interestOps(0);
        send(10);
        peer.shutdownOutput();
        assertThat(ready(selector)).isZero();
        key.interestOps(SelectionKey.OP_READ);
        awaitReady(SelectionKey.OP_READ);
        assertThat(read(channel, 100)).isEqualTo(10);
        awaitReady(SelectionKey.OP_READ);
        assertThat(read(channel, 100)).isEqualTo(-1);
    }

    @Test
    void room_isToldOfWhenThePeerHasRead_andNotBefore() throws IOException {
        SocketChannel channel = connect();
        SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
        awaitReady(SelectionKey.OP_WRITE);
        fill(channel);
        assertThat(ready(selector)).isZero();
        key.interestOps(SelectionKey.OP_READ);
        key.interestOps(SelectionKey.OP_WRITE);
        assertThat(ready(selector)).isZero();
        drain();
        awaitReady(SelectionKey.OP_WRITE);
    }

    @Test
    void room_thatRanOutBeforeTheFirstRegistration_isToldOfWhenItIsThere() throws IOException {
        SocketChannel channel = connect();
        fill(channel);
        channel.register(selector, SelectionKey.OP_WRITE);
        assertThat(ready(selector)).isZero();
        drain();
        awaitReady(SelectionKey.OP_WRITE);
    }

    /** As the engine finds out that all has arrived: see Endpoint.shrinkSendBuffer. */
    @Test
    void room_ofASendBufferThatWasShrunk_isWhatIsLeftOfIt() throws IOException {
        listener.setReceiveBufferSize(4096);
        SocketChannel channel = connect();
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, MANY);
        assertThat(channel.write(buffer.clear().limit(MANY / 4))).isEqualTo(MANY / 4);
        key.interestOps(SelectionKey.OP_WRITE);
        assertThat(ready(selector)).isEqualTo(SelectionKey.OP_WRITE);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, 1);
        assertThat(ready(selector)).isZero();
        drain();
        awaitReady(SelectionKey.OP_WRITE);
    }

    private void fill(SocketChannel channel) throws IOException {
        int idle = 0;
        while (idle < 3) {
            idle = channel.write(buffer.clear()) == 0 ? idle + 1 : 0;
        }
    }

    private void drain() throws IOException {
        peer.setSoTimeout(100);
        try {
            while (peer.getInputStream().read(new byte[MANY]) > 0) {
                // All there is.
            }
        } catch (SocketTimeoutException empty) {
            // That was it.
        }
    }

    @Test
    void bytesBehindUrgentOnes_areToldOf() throws IOException {
        SocketChannel channel = connect();
        channel.register(selector, SelectionKey.OP_READ);
        send(10);
        peer.sendUrgentData(1);
        send(10);
        int[] read = new int[1];
        await().pollDelay(NO_TIME).until(() -> {
            selector.selectNow(key -> read[0] += readQuietly(channel));
            return read[0] == 20;
        });
    }

    private int readQuietly(SocketChannel channel) {
        try {
            return read(channel, 1000);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As when a selector that is not to be trusted is to be replaced and that fails half way. */
    @Test
    void selector_thatWasToTakeOverAndWasClosed_leavesTheFirstAsItWas() throws IOException {
        SocketChannel channel = connect();
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        send(10);
        awaitReady(SelectionKey.OP_READ);
        try (Selector other = SOCKETS.openSelector()) {
            channel.register(other, SelectionKey.OP_READ);
        }
        assertThat(read(channel, 100)).isEqualTo(10);
        assertThat(ready(selector)).isZero();
        key.interestOps(SelectionKey.OP_WRITE);
        awaitReady(SelectionKey.OP_WRITE);
        fill(channel);
        assertThat(ready(selector)).isZero();
        drain();
        awaitReady(SelectionKey.OP_WRITE);
    }

    @Test
    void descriptor_thatIsUsedAgain_isNotTakenForTheOneBefore() throws IOException {
        for (int i = 0; i < 200; i++) {
            SocketChannel before = connect();
            before.register(selector, SelectionKey.OP_READ, "before");
            send(1);
            awaitReady(SelectionKey.OP_READ);
            send(1);
            before.close();
            SocketChannel after = connect();
            after.register(selector, SelectionKey.OP_READ, "after");
            selector.selectNow(key -> assertThat(key.isValid()).isFalse());
            assertThat(ready(selector)).isZero();
            after.close();
        }
    }

    @Test
    void channel_thatIsOpenWithoutItsKey_saysNothing() throws IOException {
        SocketChannel before = connect();
        SelectionKey cancelled = before.register(selector, SelectionKey.OP_READ);
        assertThat(ready(selector)).isZero();
        cancelled.cancel();
        assertThat(ready(selector)).isZero();
        Socket ofBefore = peer;
        SocketChannel after = connect();
        SelectionKey key = after.register(selector, SelectionKey.OP_READ);
        ofBefore.getOutputStream().write(1);
        Selector witness = resources.add(SOCKETS.openSelector());
        before.register(witness, SelectionKey.OP_READ);
        await().pollDelay(NO_TIME).until(() -> ready(witness) == SelectionKey.OP_READ);
        assertThat(ready(selector)).isZero();
        before.register(selector, SelectionKey.OP_READ);
        awaitReady(SelectionKey.OP_READ);
        assertThat(key.readyOps()).isZero();
    }

    /** All at once, at random: what is sent arrives, in each direction, and the end behind it. */
    @Test
    void anything_atRandom_arrives() throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        SplittableRandom chance = new SplittableRandom(seed);
        for (int i = 0; i < 50; i++) {
            SocketChannel channel = connect();
            SelectionKey key = channel.register(selector, 0);
            int bytes = chance.nextInt(200_000);
            Socket sender = peer;
            Thread thread = new Thread(() -> sendInParts(sender, bytes, seed));
            thread.start();
            long read = 0;
            while (read >= 0) {
                key.interestOps(chance.nextInt(3) == 0 ? 0 : SelectionKey.OP_READ);
                int[] ready = new int[1];
                selector.select(one -> ready[0] = one.readyOps(), 1);
                int got = ready[0] == 0 ? 0 : read(channel, chance.nextInt(1, 5000));
                if (got < 0) {
                    assertThat(read).as("seed %d, round %d", seed, i).isEqualTo(bytes);
                    break;
                }
                read += got;
            }
            thread.join();
            channel.close();
        }
    }

    private static void sendInParts(Socket socket, int bytes, long seed) {
        SplittableRandom chance = new SplittableRandom(seed);
        try {
            for (int left = bytes; left > 0; ) {
                int part = Math.min(left, chance.nextInt(1, 10_000));
                socket.getOutputStream().write(new byte[part]);
                left -= part;
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new IllegalStateException("seed " + seed, e);
        }
    }
}
