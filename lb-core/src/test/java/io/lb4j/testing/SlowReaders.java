package io.lb4j.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Clients that are flooded by an {@link ObedientBackend}, and of which each takes one byte in a while. */
public final class SlowReaders implements AutoCloseable {
    /** Little is in flight to whoever has little room. */
    private static final int RECEIVE_BUFFER = 4096;

    private final List<SocketChannel> channels = new CopyOnWriteArrayList<>();
    private final Set<SocketChannel> served = ConcurrentHashMap.newKeySet();
    private final List<String> ends = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> reading;
    private volatile int rounds;
    private volatile boolean stopped;

    /** @param everyMillis how long it takes until each of them has had its turn */
    public SlowReaders(int everyMillis) {
        reading = Background.run(() -> {
            while (!stopped) {
                long begin = System.nanoTime();
                channels.forEach(this::readOneByte);
                rounds++;
                Background.pause(Math.max(1, everyMillis - (System.nanoTime() - begin) / 1_000_000));
            }
        });
    }

    /** One more. */
    public void add(int port) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.write(ByteBuffer.wrap(String.valueOf(ObedientBackend.FLOOD).getBytes(StandardCharsets.UTF_8)));
        channel.configureBlocking(false);
        channels.add(channel);
    }

    private void readOneByte(SocketChannel channel) {
        try {
            int read = channel.isOpen() ? channel.read(ByteBuffer.allocate(1)) : 0;
            if (read > 0) {
                served.add(channel);
            } else if (read < 0) {
                end(channel, "EOF");
            }
        } catch (IOException failure) {
            end(channel, failure.getMessage());
        }
    }

    private void end(SocketChannel channel, String how) {
        ends.add(how);
        try {
            channel.close();
        } catch (IOException ended) {
            // That is what was wanted.
        }
    }

    /** How often each of them has tried to read a byte. */
    public int rounds() {
        return rounds;
    }

    /** How many of them have been sent anything at all. */
    public int served() {
        return served.size();
    }

    /** How those ended that did not want to. */
    public List<String> ends() {
        return ends;
    }

    @Override
    public void close() {
        stopped = true;
        reading.join();
        channels.forEach(channel -> end(channel, "closed"));
    }
}
