package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.TransportOfThisRun;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the engine knows of java.nio and the kernel, asked of the simulated network and of the real one: J1 to J16 of
 * our list of facts. Where the two answer differently, the simulator proves nothing.
 */
class KernelFactsTest {
    enum World {
        SIMULATED,
        REAL;

        Sockets open() throws IOException {
            return this == REAL ? new RealSockets() : new SimulatedSockets();
        }
    }

    /** A channel as the engine has it, and the other end of its connection. */
    interface Sockets extends AutoCloseable {
        /** A connected, non-blocking channel. Its peer is what the other methods speak of. */
        SocketChannel connect() throws IOException;

        /** A non-blocking channel whose connection is about to be refused. */
        SocketChannel connectToNobody() throws IOException;

        /** A channel that has not begun to connect. */
        SocketChannel unconnected() throws IOException;

        Selector selector() throws IOException;

        ServerSocketChannel listener() throws IOException;

        /** A client connects to the listener; it is the peer from now on. */
        void connectTo(ServerSocketChannel listener) throws IOException;

        void send(int bytes) throws IOException;

        void fin() throws IOException;

        void reset() throws IOException;

        /** What the peer finds: the number of bytes, -1 for an end, -2 for a reset, 0 for nothing. */
        int look() throws IOException;

        /** Lets happen what is on its way. */
        void settle();

        @Override
        void close() throws IOException;
    }

    private static <T> T eventually(Sockets sockets, Callable<T> call, T expected) {
        Object[] found = new Object[1];
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> {
                    sockets.settle();
                    found[0] = call.call();
                    assertThat(found[0]).isEqualTo(expected);
                });
        return expected;
    }

    private static int read(SocketChannel channel) throws IOException {
        return channel.read(ByteBuffer.allocateDirect(100));
    }

    private static int write(SocketChannel channel) throws IOException {
        return channel.write(ByteBuffer.allocateDirect(10));
    }

    private static SelectionKey register(SocketChannel channel, Selector selector, int ops) throws IOException {
        return channel.register(selector, ops);
    }

    private static int selectNow(Selector selector) throws IOException {
        AtomicInteger selected = new AtomicInteger();
        selector.selectNow(key -> selected.incrementAndGet());
        return selected.get();
    }

    /** Waits until the reset or the end has come in: only a channel that is asked for it shows that. */
    private static void awaitReadable(Sockets sockets, SocketChannel channel) throws IOException {
        Selector selector = sockets.selector();
        SelectionKey key = register(channel, selector, SelectionKey.OP_READ);
        eventually(sockets, () -> selectNow(selector), 1);
        key.cancel();
        selectNow(selector);
        selector.close();
    }

    @ParameterizedTest
    @EnumSource
    void dataThenReset_readFirst_givesTheDataAndThenTheResetForEver(World world) throws IOException { // J1
        try (Sockets sockets = world.open();
                SocketChannel channel = sockets.connect()) {
            sockets.send(3);
            eventually(sockets, () -> read(channel), 3);
            sockets.send(3);
            awaitReadable(sockets, channel);
            sockets.reset();
            sockets.settle();
            assertThat(read(channel)).isEqualTo(3);
            awaitReadable(sockets, channel);
            assertThatThrownBy(() -> read(channel))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Connection reset");
            assertThatThrownBy(() -> read(channel))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Connection reset");
            assertThatThrownBy(() -> write(channel))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Broken pipe");
            channel.shutdownOutput();
        }
    }

    @ParameterizedTest
    @EnumSource
    void dataThenReset_writeFirst_givesTheDataAndThenAnEndThatIsNone(World world) throws IOException { // J2
        try (Sockets sockets = world.open();
                SocketChannel channel = sockets.connect()) {
            sockets.send(3);
            awaitReadable(sockets, channel);
            sockets.reset();
            eventually(sockets, () -> failureOfWrite(channel), "Connection reset by peer");
            assertThatThrownBy(() -> write(channel))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Broken pipe");
            assertThat(read(channel)).isEqualTo(3);
            assertThat(read(channel)).isEqualTo(-1);
            assertThat(read(channel)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void endThenReset_writeFirst_isABrokenPipeAndTheEndIsClean(World world) throws IOException {
        try (Sockets sockets = world.open();
                SocketChannel channel = sockets.connect()) {
            sockets.send(3);
            sockets.fin();
            awaitReadable(sockets, channel);
            eventually(sockets, () -> read(channel), 3);
            eventually(sockets, () -> read(channel), -1);
            sockets.reset();
            eventually(sockets, () -> failureOfWrite(channel), "Broken pipe");
            assertThat(read(channel)).isEqualTo(-1);
        }
    }

    /** Null while the write goes well. */
    private static String failureOfWrite(SocketChannel channel) {
        try {
            write(channel);
            return null;
        } catch (IOException failure) {
            return failure.getMessage();
        }
    }

    @ParameterizedTest
    @EnumSource
    void interestOfNothing_whateverThePeerDoes_seesNothing(World world) throws IOException { // J3
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector();
                SocketChannel channel = sockets.connect()) {
            SelectionKey key = register(channel, selector, SelectionKey.OP_READ);
            sockets.send(1);
            eventually(sockets, () -> selectNow(selector), 1);
            key.interestOps(0);
            assertThat(selectNow(selector)).isZero();
            sockets.reset();
            sockets.settle();
            assertThat(selectNow(selector)).isZero();
            key.interestOps(SelectionKey.OP_READ);
            eventually(sockets, () -> selectNow(selector), 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void reset_whileWaitingForEither_isReportedAgainAndAgain(World world) throws IOException { // J4
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector();
                SocketChannel channel = sockets.connect()) {
            SelectionKey key = register(channel, selector, SelectionKey.OP_READ);
            sockets.reset();
            eventually(sockets, () -> selectNow(selector), 1);
            assertThat(selectNow(selector)).isEqualTo(1);
            key.interestOps(SelectionKey.OP_WRITE);
            assertThat(selectNow(selector)).isEqualTo(1);
            assertThat(key.readyOps()).isEqualTo(SelectionKey.OP_WRITE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void end_whileWaitingForIt_isReportedAgainAndAgain(World world) throws IOException { // J5
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector();
                SocketChannel channel = sockets.connect()) {
            register(channel, selector, SelectionKey.OP_READ);
            sockets.fin();
            eventually(sockets, () -> selectNow(selector), 1);
            assertThat(read(channel)).isEqualTo(-1);
            assertThat(selectNow(selector)).isEqualTo(1);
            assertThat(read(channel)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void socketWithRoom_whileWaitingToWrite_isReportedAgainAndAgain(World world) throws IOException { // J5
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector();
                SocketChannel channel = sockets.connect()) {
            register(channel, selector, SelectionKey.OP_WRITE);
            assertThat(selectNow(selector)).isEqualTo(1);
            assertThat(selectNow(selector)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectInterest_leftOnAfterConnecting_selectsNothing(World world) throws IOException { // J6
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector();
                SocketChannel channel = sockets.connect()) {
            SelectionKey key = register(channel, selector, SelectionKey.OP_CONNECT);
            assertThat(selectNow(selector)).isZero();
            if (key instanceof SimKey simulated) {
                assertThat(simulated.wakesInVain()).isTrue();
            }
        }
    }

    /** Bytes and the end of the stream, read or not, are not reported, a reset is: so a client can be looked at unread. */
    @ParameterizedTest
    @EnumSource
    void connectInterest_ofAConnectedChannel_isReportedForAResetAlone(World world) throws IOException {
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector();
                SocketChannel channel = sockets.connect()) {
            SelectionKey key = register(channel, selector, SelectionKey.OP_READ);
            sockets.send(10);
            sockets.fin();
            eventually(sockets, () -> selectNow(selector), 1);
            key.interestOps(SelectionKey.OP_CONNECT);
            assertThat(selectNow(selector)).isZero();
            sockets.reset();
            eventually(sockets, () -> selectNow(selector), 1);
            assertThat(key.readyOps()).isEqualTo(SelectionKey.OP_CONNECT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void unconnectedChannel_whileWaitingToRead_isReported(World world) throws IOException { // J7
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector();
                SocketChannel channel = sockets.unconnected()) {
            SelectionKey key = register(channel, selector, SelectionKey.OP_READ);
            assertThat(selectNow(selector)).isEqualTo(1);
            key.interestOps(0);
            assertThat(selectNow(selector)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void bothDirectionsEnded_whileWaitingToWrite_isReportedAgainAndAgain(World world) throws IOException { // J8
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector();
                SocketChannel channel = sockets.connect()) {
            sockets.fin();
            eventually(sockets, () -> read(channel), -1);
            channel.shutdownOutput();
            SelectionKey key = register(channel, selector, SelectionKey.OP_WRITE);
            assertThat(selectNow(selector)).isEqualTo(1);
            assertThat(selectNow(selector)).isEqualTo(1);
            key.interestOps(0);
            assertThat(selectNow(selector)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusedConnect_whenItIsFinished_throwsAndCloses(World world) throws IOException { // J9
        try (Sockets sockets = world.open();
                SocketChannel channel = sockets.connectToNobody()) {
            eventually(sockets, () -> failureOfConnect(channel), ConnectException.class);
            assertThat(channel.isOpen()).isFalse();
            assertThatThrownBy(channel::finishConnect).isInstanceOf(ClosedChannelException.class);
            try (SocketChannel untried = sockets.unconnected()) {
                assertThatThrownBy(untried::finishConnect).isInstanceOf(NoConnectionPendingException.class);
            }
        }
    }

    private static Class<?> failureOfConnect(SocketChannel channel) {
        try {
            channel.finishConnect();
            return null;
        } catch (IOException failure) {
            return failure.getClass();
        }
    }

    @ParameterizedTest
    @EnumSource
    void close_ofARegisteredChannel_endsTheStreamAtOnce(World world) throws IOException { // J11
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector()) {
            SocketChannel channel = sockets.connect();
            register(channel, selector, SelectionKey.OP_READ);
            selectNow(selector);
            channel.close();
            eventually(sockets, sockets::look, -1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void abort_ofARegisteredChannel_isSentByTheNextSelect(World world) throws IOException { // J12
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector()) {
            SocketChannel channel = sockets.connect();
            register(channel, selector, SelectionKey.OP_READ);
            selectNow(selector);
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
            sockets.settle();
            if (world == World.SIMULATED || !TransportOfThisRun.isNative()) {
                // Not later than with it: the native transport sends it at once.
                assertThat(sockets.look()).isZero();
            }
            selectNow(selector);
            eventually(sockets, sockets::look, -2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void cancelledKey_beforeTheNextSelect_cannotBeUsedNorReplaced(World world) throws IOException { // J13
        try (Sockets sockets = world.open();
                Selector selector = sockets.selector();
                SocketChannel channel = sockets.connect()) {
            SelectionKey key = register(channel, selector, SelectionKey.OP_READ);
            key.cancel();
            assertThatThrownBy(() -> key.interestOps(0)).isInstanceOf(CancelledKeyException.class);
            assertThatThrownBy(key::readyOps).isInstanceOf(CancelledKeyException.class);
            assertThatThrownBy(() -> register(channel, selector, SelectionKey.OP_READ))
                    .isInstanceOf(CancelledKeyException.class);
            selectNow(selector);
            assertThat(register(channel, selector, SelectionKey.OP_READ).isValid())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void close_withUnreadInput_resetsThePeer(World world) throws IOException {
        try (Sockets sockets = world.open()) {
            SocketChannel channel = sockets.connect();
            sockets.send(3);
            awaitReadable(sockets, channel);
            channel.close();
            eventually(sockets, sockets::look, -2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void closeOfTheListener_resetsWhoWaitsInTheBacklog(World world) throws IOException { // J16
        try (Sockets sockets = world.open()) {
            ServerSocketChannel listener = sockets.listener();
            sockets.connectTo(listener);
            sockets.settle();
            assertThat(sockets.look()).isZero();
            listener.close();
            eventually(sockets, sockets::look, -2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void accept_ofAConnectionThatWasReset_succeedsAndTheFirstReadThrows(World world) throws IOException { // J15
        try (Sockets sockets = world.open();
                ServerSocketChannel listener = sockets.listener()) {
            sockets.connectTo(listener);
            sockets.reset();
            sockets.settle();
            try (SocketChannel accepted = listener.accept()) {
                accepted.configureBlocking(false);
                assertThat(accepted.getRemoteAddress()).isNotNull();
                awaitReadable(sockets, accepted);
                assertThatThrownBy(() -> read(accepted)).isInstanceOf(IOException.class);
            }
        }
    }
}
