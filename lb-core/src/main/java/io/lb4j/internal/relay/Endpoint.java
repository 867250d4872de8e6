package io.lb4j.internal.relay;

import io.lb4j.internal.loop.Chunk;
import io.lb4j.internal.loop.LoopMemory;
import io.lb4j.internal.loop.LoopSelector;
import io.lb4j.internal.loop.Pending;
import io.lb4j.internal.loop.Prefixed;
import io.lb4j.internal.loop.ReadyHandler;
import io.lb4j.internal.loop.Sink;
import io.lb4j.internal.loop.SocketSettings;
import io.lb4j.internal.loop.Source;
import io.lb4j.internal.loop.SplicePipe;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.SelfConnectedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One socket of a connection: the only way to its bytes, its key, and what is known of the peer. Confined to its loop.
 */
public class Endpoint implements ReadyHandler, Source, Sink {
    private final SocketChannel channel;
    private final Relayed connection;
    private @Nullable SelectionKey key;
    private int interest;

    /** It is to be closed by a reset, and its socket does not know yet. */
    private boolean mustReset;

    /** The peer has reset this socket, or the kernel says so by refusing to write. */
    private boolean reset;

    /** It has answered, and has ended its stream: what is written to it now is a farewell. */
    private boolean hasSaidAll;

    /** What was read ahead, before there was anybody to write it to; given back with the key. */
    private @Nullable Pending inHand;

    /** It was written to, and neither a byte nor the end of its stream has come from it since. */
    private boolean unanswered;

    public Endpoint(Relayed connection, SocketChannel channel) {
        this.connection = connection;
        this.channel = channel;
    }

    @Override
    public void ready(int readyOps) {
        connection.ready(this, readyOps);
    }

    /**
     * Sets the operations to wait for. A channel is registered when it first waits for something: an unconnected one
     * must not be (it is ready for ever), and a client that waits for its backend stays out of the selector.
     */
    public void interest(Selector selector, int ops) throws IOException {
        if (key == null) {
            if (ops != 0) {
                key = channel.register(selector, ops, this);
                interest = ops;
            }
        } else if (ops != interest) {
            key.interestOps(ops);
            interest = ops;
        }
    }

    public int interest() {
        return interest;
    }

    /** See {@link LoopSelector.Tenants}. */
    public void register(Selector fresh) throws IOException {
        if (key != null) {
            channel.register(fresh, interest, this);
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    public void moved(Selector fresh) {
        if (key != null) {
            key = channel.keyFor(fresh);
        }
    }

    /** Something is to be read that no selector knows of: see {@link RelayLoop#again}. */
    public void goOn() {
        connection.ready(this, SelectionKey.OP_READ);
    }

    /** Whether the kernel can move its bytes: they are what its socket reads and writes. */
    protected boolean isSpliceable() {
        return true;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return heard(channel.read(into));
    }

    @Override
    public int read(SplicePipe into, int most) throws IOException {
        return heard(into.fill(channel, most));
    }

    /** Whether after a short read there is more, for which no selector has to be asked. */
    public boolean hasMore() {
        return false;
    }

    /** See {@link LoopMemory#readAhead}. */
    public int readAhead(int wanted) throws IOException {
        return connection.loop().memory().readAhead(channel, wanted);
    }

    /** Reads what the peer still says, and throws it away. */
    public int discard() throws IOException {
        return connection.loop().memory().discard(channel);
    }

    /** What was read ahead is its own from now on, and comes before all that is read. */
    public void hold(@Nullable Chunk readAhead) {
        inHand = readAhead;
    }

    /** The other side is told this first. */
    public void prefix(byte[] told) {
        inHand = new Prefixed(connection.loop().memory(), told, (Chunk) inHand);
    }

    public boolean hasInHand() {
        return inHand != null;
    }

    /** How many bytes were read ahead. */
    int inHandSize() {
        return inHand == null ? 0 : inHand.size();
    }

    /** What was read ahead is the caller's from now on; null when nothing was. */
    @Nullable
    public Pending takeInHand() {
        Pending taken = inHand;
        inHand = null;
        return taken;
    }

    private int heard(int read) {
        if (read > 0) {
            unanswered = false;
        }
        return read;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        return told(channel.write(from));
    }

    @Override
    public int write(SplicePipe from) throws IOException {
        return told(from.drain(channel));
    }

    private int told(int written) {
        if (written > 0) {
            unanswered |= !hasSaidAll;
        }
        return written;
    }

    /** Whether a connect that was begun has succeeded; throws why it has failed. */
    public boolean finishConnect() throws IOException {
        if (!channel.finishConnect()) {
            return false;
        }
        SelfConnectedException.refuse(channel);
        return true;
    }

    /** See {@link SocketSettings#keepAlive}. */
    public void keepAlive() throws IOException {
        SocketSettings.keepAlive(channel);
    }

    /** The address that it is connected to is the first of these to be tried from now on. */
    public void answeredAt(Addresses addresses) {
        addresses.answered(channel);
    }

    public InetSocketAddress localAddress() throws IOException {
        return (InetSocketAddress) Objects.requireNonNull(channel.getLocalAddress());
    }

    /** Where the peer is; null when it never was connected. */
    @Nullable
    public InetSocketAddress remoteAddress() throws IOException {
        return (InetSocketAddress) channel.getRemoteAddress();
    }

    /** It has answered before, and has ended its stream. */
    public void saidAll() {
        hasSaidAll = true;
    }

    public void heard() {
        unanswered = false;
    }

    /** Whether it was written to, and neither a byte nor the end of its stream has come from it since. */
    public boolean isUnanswered() {
        return unanswered;
    }

    public void markReset() {
        reset = true;
    }

    public boolean isReset() {
        return reset;
    }

    /** Whether the end of what it has sent may be a reset by another name: the kernel tells of a reset once. */
    protected boolean isEndDoubtful() {
        return reset;
    }

    /**
     * Ends the stream towards the peer, and returns whether it has; if not, it is to be tried again when the socket is writable.
     *
     * @param isAboutToClose whether closing the socket is what comes next, and ends it too
     */
    public boolean end(boolean isAboutToClose) {
        if (!isAboutToClose) {
            shutdownOutput();
        }
        return true;
    }

    /** Whether it waits for its socket to be writable, to end the stream. */
    public boolean isEnding() {
        return false;
    }

    /** Ends the stream towards the peer. A socket that is dead already has nobody to tell. */
    public void shutdownOutput() {
        try {
            channel.shutdownOutput();
        } catch (IOException alreadyDead) {
            // The loss shows on the next read or write.
        }
    }

    /**
     * Shrinks the kernel's send buffer to its minimum, which keeps what is queued. From then on the socket is writable
     * only when next to nothing is queued: epoll reports it when the queue is at most two thirds of the buffer (Linux,
     * {@code sk_stream_is_writeable}). It is the one way to learn from Java that sent bytes have arrived.
     */
    public void shrinkSendBuffer() throws IOException {
        channel.setOption(StandardSocketOptions.SO_SNDBUF, 1);
    }

    /** Makes the close to come a reset. */
    public void resetOnClose() {
        mustReset = true;
        isReadyToClose();
    }

    /** Whether a close would now be what it has to be; must not be closed before. */
    public boolean isReadyToClose() {
        if (mustReset) {
            mustReset = !SocketSettings.resetsOnClose(channel);
        }
        return !mustReset;
    }

    /**
     * Gives back what was read ahead, and takes the channel out of the selector at its next select; the channel can then be
     * closed for good.
     */
    public void cancel() {
        Pending over = takeInHand();
        if (over != null) {
            over.giveBack();
        }
        connection.loop().cancel(key);
    }

    public void close() {
        Closing.quietly(channel);
    }
}
