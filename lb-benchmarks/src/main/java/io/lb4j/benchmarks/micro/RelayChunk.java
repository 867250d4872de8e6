package io.lb4j.benchmarks.micro;

import io.lb4j.proxy.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One chunk to the backend and back, on one kept connection through a proxy: two relays, and four system calls around. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class RelayChunk {
    @Param({"100", "16384"})
    int bytes;

    private ServerSocketChannel listener;
    private TcpProxy proxy;
    private SocketChannel client;
    private ByteBuffer buffer;

    @Setup
    public void prepare() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        listener = ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        Thread echo = new Thread(this::echo, "backend");
        echo.setDaemon(true);
        echo.start();
        proxy = TcpProxy.builder()
                .listen("127.0.0.1", 0)
                .to("127.0.0.1", listener.socket().getLocalPort())
                .eventLoops(1)
                .start();
        client = SocketChannel.open(new InetSocketAddress(loopback, proxy.port()));
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        buffer = ByteBuffer.allocateDirect(bytes);
    }

    private void echo() {
        try (SocketChannel accepted = listener.accept()) {
            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer received = ByteBuffer.allocateDirect(bytes);
            while (accepted.read(received.clear()) >= 0) {
                writeAll(accepted, received.flip());
            }
        } catch (IOException closed) {
            // The benchmark is over.
        }
    }

    private static void writeAll(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Benchmark
    public ByteBuffer thereAndBack() throws IOException {
        writeAll(client, buffer.clear());
        buffer.clear();
        while (buffer.hasRemaining()) {
            if (client.read(buffer) < 0) {
                throw new IOException("the connection has ended");
            }
        }
        return buffer;
    }

    @TearDown
    public void close() throws IOException {
        client.close();
        proxy.close();
        listener.close();
    }
}
