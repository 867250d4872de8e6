package io.lb4j.internal.tls;

import io.lb4j.internal.loop.Chunk;
import io.lb4j.internal.loop.RecordBuffers;
import io.lb4j.internal.loop.SplicePipe;
import io.lb4j.internal.relay.Endpoint;
import io.lb4j.internal.relay.RelayLoop;
import io.lb4j.internal.relay.Relayed;
import io.lb4j.internal.util.Alpn;
import io.lb4j.internal.util.KernelErrors;
import io.lb4j.internal.util.Preload;
import io.lb4j.tls.TlsFacts;
import io.lb4j.tls.Truncation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.jspecify.annotations.Nullable;

/**
 * A socket over which TLS is spoken from some moment on: until then it is as any other. Confined to its loop; while a task of the
 * engine runs, on whatever thread, nobody touches the engine.
 */
public final class TlsEndpoint extends Endpoint {
    static {
        Preload.classes(
                RecordBuffers.class,
                RecordInput.class,
                RecordOutput.class,
                PlainAlert.class,
                Alpn.class,
                TlsFacts.class);
    }

    /** What a handshake waits for. */
    public enum Awaited {
        /** The peer has to say something. */
        INPUT,
        /** The socket has to take something. */
        OUTPUT,
        /** {@link #task} has to run. */
        TASK,
        /** It is through. */
        NOTHING
    }

    private final RelayLoop loop;
    private @Nullable SSLEngine engine;
    private @Nullable RecordInput input;
    private @Nullable RecordOutput output;

    /** It has said that nothing follows, and its socket has not taken it yet. */
    private boolean isEnding;

    private boolean hasToldOfReset;
    private boolean isShaking;
    private boolean goesOn;
    /** For the threads of tasks: nobody waits for them any more. */
    private volatile boolean isOver;

    public TlsEndpoint(Relayed connection, SocketChannel channel) {
        super(connection, channel);
        loop = connection.loop();
    }

    /**
     * From now on TLS is spoken; the handshake comes first.
     *
     * @param told what goes before it as it is; null when that is nothing
     * @param heard what was read already; its own from now on
     * @param truncation what an end without a close_notify means
     */
    public void secure(SSLEngine fresh, byte @Nullable [] told, @Nullable Chunk heard, Truncation truncation) {
        RecordOutput out = new RecordOutput(this, fresh, loop.memory());
        output = out;
        if (told != null) {
            out.prefix(told);
        }
        input = new RecordInput(this, fresh, loop.memory(), out, heard, truncation);
        engine = fresh;
    }

    /**
     * Goes on with the handshake as far as it can.
     *
     * @throws IOException it has failed; what the engine has to say of that is said, as far as the socket takes it
     */
    public Awaited shake() throws IOException {
        SSLEngine shaking = Objects.requireNonNull(engine);
        if (!isShaking) {
            isShaking = true;
            shaking.beginHandshake();
        }
        while (shaking.getHandshakeStatus() != HandshakeStatus.NEED_TASK) {
            if (!Objects.requireNonNull(output).tell()) {
                return Awaited.OUTPUT;
            }
            HandshakeStatus status = shaking.getHandshakeStatus();
            if (status == HandshakeStatus.NOT_HANDSHAKING) {
                if (shaking.getUseClientMode()) {
                    Alpn.expectAgreed(shaking);
                }
                return Awaited.NOTHING;
            }
            if (status == HandshakeStatus.NEED_UNWRAP
                    && !Objects.requireNonNull(input).shake()) {
                return Awaited.INPUT;
            }
        }
        return Awaited.TASK;
    }

    /** What the handshake has led to. */
    public TlsFacts facts() {
        return TlsFacts.of(Objects.requireNonNull(engine));
    }

    /** What has to run for the handshake to go on, on whatever thread; nothing, once the connection has ended. */
    public Runnable task() {
        SSLEngine shaking = Objects.requireNonNull(engine);
        return () -> {
            // Else, of more clients than there is time for, those who have given up take what there is.
            while (!isOver) {
                Runnable part = shaking.getDelegatedTask();
                if (part == null) {
                    return;
                }
                part.run();
            }
        };
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        RecordInput records = input;
        return records == null ? super.read(into) : records.read(into);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        RecordOutput records = output;
        return records == null ? super.write(from) : records.write(from);
    }

    /** Reads ahead what the peer says within TLS, once that is spoken. */
    @Override
    public int readAhead(int wanted) throws IOException {
        return input == null ? super.readAhead(wanted) : loop.memory().readAhead(this, wanted);
    }

    int readRecords(ByteBuffer into) throws IOException {
        return super.read(into);
    }

    int writeRecords(ByteBuffer from) throws IOException {
        try {
            return super.write(from);
        } catch (IOException lost) {
            hasToldOfReset |= !KernelErrors.isBrokenPipe(lost);
            throw lost;
        }
    }

    /** Within TLS an end is one: what is cut off is not read as such. */
    @Override
    protected boolean isEndDoubtful() {
        return input == null && super.isEndDoubtful();
    }

    /** Whether the kernel has told a write of a reset: to who reads then, it looks like an end. */
    boolean hasToldOfReset() {
        return hasToldOfReset;
    }

    long now() {
        return loop.now();
    }

    @Override
    protected boolean isSpliceable() {
        return false;
    }

    @Override
    public int read(SplicePipe into, int most) {
        throw new UnsupportedOperationException("records pass through no pipe");
    }

    @Override
    public int write(SplicePipe from) {
        throw new UnsupportedOperationException("records pass through no pipe");
    }

    @Override
    public boolean hasMore() {
        return input != null && input.hasMore();
    }

    @Override
    public void interest(Selector selector, int ops) throws IOException {
        super.interest(selector, ops);
        if ((ops & SelectionKey.OP_READ) != 0 && !goesOn && input != null && input.isWaiting()) {
            goesOn = true;
            loop.again(this);
        }
    }

    @Override
    public void goOn() {
        goesOn = false;
        super.goOn();
    }

    /** First a close_notify, and when that is gone the end of the stream. */
    @Override
    public boolean end(boolean isAboutToClose) {
        RecordOutput records = output;
        if (records != null) {
            try {
                isEnding = !records.end();
            } catch (IOException alreadyDead) {
                // The loss shows on the next read.
                isEnding = false;
            }
        }
        return !isEnding && super.end(isAboutToClose);
    }

    @Override
    public boolean isEnding() {
        return isEnding;
    }

    @Override
    public void cancel() {
        isOver = true;
        super.cancel();
        if (input != null) {
            input.drop();
        }
        if (output != null) {
            output.drop();
        }
    }
}
