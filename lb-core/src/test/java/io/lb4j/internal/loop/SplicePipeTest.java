package io.lb4j.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.internal.epoll.NativeTransport;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a pipe of the kernel says of the sockets on either side, where a transport has some. */
class SplicePipeTest {
    private static final int MUCH = 1 << 20;

    @RegisterExtension
    final Resources resources = new Resources();

    static Stream<Splicing> transports() {
        return NativeTransport.find().sockets() instanceof Splicing splicing ? Stream.of(splicing) : Stream.of();
    }

    /** A socket of the transport, its place in a selector, and who is at its other end. */
    private record End(SocketChannel channel, Selector selector, Peer peer) {
        /** Has the selector look until the socket is ready for this. */
        void awaitReady(int operation) {
            await().until(() -> {
                selector.selectNow(key -> {});
                return channel.keyFor(selector).isValid()
                        && (channel.keyFor(selector).readyOps() & operation) != 0;
            });
        }
    }

    private End end(Splicing transport) throws IOException {
        SelectorProvider sockets = (SelectorProvider) transport;
        TestBackend backend = resources.add(TestBackend.listening());
        SocketChannel channel = resources.add(sockets.openSocketChannel());
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4 * MUCH);
        channel.connect(new InetSocketAddress("127.0.0.1", backend.port()));
        Peer peer = resources.add(backend.accept());
        await().until(channel::finishConnect);
        Selector selector = resources.add(sockets.openSelector());
        channel.register(selector, SelectionKey.OP_READ);
        return new End(channel, selector, peer);
    }

    /** One that holds much, as far as the kernel lets a socket have that. */
    private static SplicePipe filled(Splicing transport, End source) throws IOException {
        source.peer.sendUntilStalled(8L * MUCH);
        SplicePipe pipe = Objects.requireNonNull(transport.openPipeOfKernel());
        await().until(() -> pipe.fill(source.channel, MUCH) > 0);
        return pipe;
    }

    private static void drainAll(SplicePipe pipe, End sink) throws IOException {
        while (pipe.size() > 0) {
            pipe.drain(sink.channel);
        }
    }

    /** Until one of the sockets fails. */
    private static void passAll(End source, SplicePipe pipe, End sink) throws IOException {
        while (true) {
            if (pipe.size() > 0 || pipe.fill(source.channel, MUCH) > 0) {
                pipe.drain(sink.channel);
            }
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transports")
    void sinkWhosePeerHadEndedItsStream_isABrokenPipe(Splicing transport) throws IOException {
        for (int i = 0; i < 3; i++) {
            End source = end(transport);
            End sink = end(transport);
            sink.peer.close();
            sink.awaitReady(SelectionKey.OP_READ);
            SplicePipe pipe = filled(transport, source);
            assertThatThrownBy(() -> passAll(source, pipe, sink)).hasMessage("Broken pipe");
            assertThat(sink.channel.read(ByteBuffer.allocateDirect(1))).isEqualTo(-1);
            pipe.close();
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transports")
    void sinkWhosePeerIsReset_saysSo(Splicing transport) throws IOException {
        End source = end(transport);
        End sink = end(transport);
        SplicePipe pipe = filled(transport, source);
        sink.peer.rst();
        assertThatThrownBy(() -> passAll(source, pipe, sink)).hasMessageContaining("reset");
        pipe.close();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transports")
    void urgentData_isTheEndOfWhatASpliceBrings_andNotOfWhatARead(Splicing transport) throws IOException {
        End source = end(transport);
        source.peer.send("before");
        source.peer.socket().sendUrgentData('!');
        source.peer.send("behind").fin();
        SplicePipe pipe = Objects.requireNonNull(transport.openPipeOfKernel());
        source.awaitReady(SelectionKey.OP_READ);
        await().until(() -> pipe.fill(source.channel, MUCH) > 0);
        assertThat(pipe.size()).isEqualTo("before".length());
        End sink = end(transport);
        drainAll(pipe, sink);
        assertThat(sink.peer.receiveText(6)).isEqualTo("before");
        assertThat(pipe.fill(source.channel, MUCH)).isZero();
        // It is still said to be readable, and is.
        source.awaitReady(SelectionKey.OP_READ);
        ByteBuffer buffer = ByteBuffer.allocateDirect(100);
        await().until(() -> source.channel.read(buffer) >= 0 && buffer.position() == "behind".length());
        pipe.close();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transports")
    void end_isRead_behindAllThatWasSent(Splicing transport) throws IOException {
        End source = end(transport);
        End sink = end(transport);
        source.peer.send("all").fin();
        SplicePipe pipe = Objects.requireNonNull(transport.openPipeOfKernel());
        await().until(() -> pipe.fill(source.channel, MUCH) > 0);
        drainAll(pipe, sink);
        assertThat(sink.peer.receiveText(3)).isEqualTo("all");
        await().until(() ->
                pipe.fill(source.channel, MUCH) == 0 && source.channel.read(ByteBuffer.allocateDirect(1)) < 0);
        pipe.close();
    }
}
