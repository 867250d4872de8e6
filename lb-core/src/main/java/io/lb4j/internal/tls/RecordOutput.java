package io.lb4j.internal.tls;

import io.lb4j.internal.loop.Chunk;
import io.lb4j.internal.loop.LoopMemory;
import io.lb4j.internal.relay.TlsFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What is said to the peer, in records. Confined to its loop. */
final class RecordOutput {
    /*
     * A record has to go as a whole, and the socket may take a part of it. What it does not take is held, and bytes that are in
     * it count as not written: they are `owed`. So who writes comes again with them, as if the socket had not taken them, and
     * knows nothing of records; it is then not wrapped once more.
     *
     * As the records drain, so does what is owed: of n bytes that are held, at most n are owed. A slow socket is seen to
     * take something whenever it does.
     *
     * What the engine has to say of its own (answers to new keys, alerts) goes in between, or with the next write: by RFC 8446,
     * 4.6.3, it may wait until then.
     */

    /** So many bytes of its own wait at most for a peer that asks for them: some hundred answers to new keys. */
    private static final int MOST_ANSWERS = 16 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TlsEndpoint socket;
    private final SSLEngine engine;
    private final LoopMemory memory;
    private @Nullable Chunk held;
    private int owed;

    /** How much of what is held the engine has said of its own, at most. */
    private int answers;

    private @Nullable TlsFailure failure;

    RecordOutput(TlsEndpoint socket, SSLEngine engine, LoopMemory memory) {
        this.socket = socket;
        this.engine = engine;
        this.memory = memory;
    }

    /** Sends this as it is, before all records. */
    void prefix(byte[] told) {
        held = memory.keep(ByteBuffer.wrap(told));
    }

    /** Returns how many of these bytes are written, as far as the socket knows. */
    int write(ByteBuffer from) throws IOException {
        int begin = from.position();
        flush();
        settle(from);
        while (held == null && from.hasRemaining()) {
            int before = from.position();
            send(wrap(from));
            owed = from.position() - before;
            from.position(before);
            settle(from);
        }
        return from.position() - begin;
    }

    /** What is owed and held no more is written. */
    private void settle(ByteBuffer from) {
        int written = owed - Math.min(owed, held == null ? 0 : held.size());
        int seen = Math.min(written, from.remaining());
        from.position(from.position() + seen);
        owed -= seen;
    }

    private ByteBuffer wrap(ByteBuffer from) throws IOException {
        ByteBuffer records = memory.records().leaving();
        int room = engine.getSession().getPacketBufferSize();
        while (from.hasRemaining() && records.remaining() >= room) {
            SSLEngineResult result = wrap(from, records);
            if (result.getStatus() == Status.CLOSED) {
                throw failure == null
                        ? new TlsFailure(TlsFailure.Kind.CLOSED, "the peer has ended the connection", null)
                        : failure;
            }
            if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                throw new TlsFailure(
                        TlsFailure.Kind.BROKEN, "nothing can be sent: " + result.getHandshakeStatus(), null);
            }
        }
        return records.flip();
    }

    private SSLEngineResult wrap(ByteBuffer from, ByteBuffer records) throws IOException {
        try {
            return engine.wrap(from, records);
        } catch (SSLException broken) {
            TlsFailure failed = new TlsFailure(TlsFailure.Kind.BROKEN, String.valueOf(broken.getMessage()), broken);
            sendIfPossible(records.flip());
            if (failure == null) {
                // What the engine has to say of it comes after it has said it here.
                fail(failed);
            }
            throw failed;
        }
    }

    /** Those before one that failed: without them, the peer cannot open the alert that follows. */
    private void sendIfPossible(ByteBuffer records) {
        try {
            send(records);
        } catch (IOException dead) {
            // Nor does it hear the alert.
        }
    }

    /** The engine has failed: it says why, as far as that is possible, and takes nothing more. */
    void fail(TlsFailure why) {
        failure = why;
        tellIfPossible();
    }

    /** Sends what the engine has to say of its own, to a peer that may take nothing: who writes next finds out. */
    void tellIfPossible() {
        try {
            tell();
        } catch (IOException dead) {
            // What it has said can still be read.
        }
    }

    /** Whether the peer asks for more than it takes. */
    boolean isAskedTooMuch() {
        return answers > MOST_ANSWERS;
    }

    /** Whether the socket has taken all there was for it. */
    boolean flush() throws IOException {
        Chunk records = held;
        if (records == null) {
            return true;
        }
        ByteBuffer out = memory.records().socket();
        boolean goesOn = true;
        while (goesOn && !records.isEmpty()) {
            out.clear().limit(Math.min(out.capacity(), records.size()));
            out.put(0, records.memory(), records.from(), out.limit());
            int written = socket.writeRecords(out);
            records.skip(written);
            goesOn = !out.hasRemaining();
        }
        if (!records.isEmpty()) {
            return false;
        }
        drop();
        return true;
    }

    /** Behind what is held, if something is. */
    private void send(ByteBuffer records) throws IOException {
        if (records.hasRemaining() && flush()) {
            ByteBuffer out = memory.records().socket();
            out.put(records).flip();
            socket.writeRecords(out);
            records.position(records.limit() - out.remaining());
        }
        if (records.hasRemaining()) {
            Chunk before = held;
            held = before == null ? memory.keep(records) : memory.keepBehind(before, records);
        }
    }

    /** Sends what the engine has to say of its own, in one write if it fits. Returns whether the socket has taken all there is. */
    boolean tell() throws IOException {
        boolean isOver = false;
        while (!isOver && isAsked()) {
            ByteBuffer records = memory.records().leaving();
            int room = engine.getSession().getPacketBufferSize();
            while (!isOver && isAsked() && records.remaining() >= room) {
                // Whatever it says it needs, it has nothing to say.
                isOver = wrap(NOTHING, records).bytesProduced() == 0;
            }
            int told = records.flip().remaining();
            send(records);
            answers = held == null ? 0 : answers + told;
        }
        return flush();
    }

    private boolean isAsked() {
        return engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
    }

    /** Says that nothing follows. Returns whether the socket has taken it. */
    boolean end() throws IOException {
        engine.closeOutbound();
        return tell();
    }

    void drop() {
        Chunk over = held;
        held = null;
        answers = 0;
        if (over != null) {
            over.giveBack();
        }
    }
}
