package io.lb4j.internal.tls;

import io.lb4j.internal.loop.Chunk;
import io.lb4j.internal.loop.LoopMemory;
import io.lb4j.internal.loop.RecordBuffers;
import io.lb4j.internal.relay.TlsFailure;
import io.lb4j.tls.Truncation;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What the peer says, out of its records. Confined to its loop. */
final class RecordInput {
    /** So many records are opened in one read: a peer that puts one byte in each costs its loop no more than that. */
    private static final int MOST_RECORDS = 128;

    /** So many records with nothing in them are too many in a second, as HAProxy has it ({@code tune.ssl.keyupdate-rate-limit}). */
    private static final int MOST_EMPTY = 100;

    /** What an engine asks for that is to open a full record of TLS 1.3 is a little more than is in it. */
    private static final int MORE_ROOM = 256;

    /** So much is read at least, if it is there: a whole record, mostly. */
    private static final int LEAST_READ = 17 * 1024;

    private static final int HEADER = 5;
    private static final int LENGTH_AT = 3;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final String TLS_1_3 = "TLSv1.3";

    private final TlsEndpoint socket;
    private final SSLEngine engine;
    private final LoopMemory memory;
    private final RecordOutput output;
    private final Truncation truncation;

    /** Read, and not opened yet. */
    private @Nullable Chunk records;

    /** By what the engine says of it, it is a part of a record. */
    private boolean isPart;

    /** Opened, and not taken yet. */
    private @Nullable Chunk plain;

    private boolean isOver;
    private @Nullable IOException failure;
    private boolean hasMore;

    private int empty;
    private long emptySince;

    /** @param records what was read before; its own from now on */
    RecordInput(
            TlsEndpoint socket,
            SSLEngine engine,
            LoopMemory memory,
            RecordOutput output,
            @Nullable Chunk records,
            Truncation truncation) {
        this.socket = socket;
        this.engine = engine;
        this.memory = memory;
        this.output = output;
        this.records = records;
        this.truncation = truncation;
    }

    /** As of a socket: -1 when the peer has said that nothing follows. */
    int read(ByteBuffer into) throws IOException {
        int begin = into.position();
        hasMore = false;
        if (plain != null) {
            takePlain(plain, into);
        }
        if (into.hasRemaining() && !isOver && failure == null) {
            open(into);
        }
        int read = into.position() - begin;
        if (read == 0 && failure != null) {
            throw failure;
        }
        hasMore |= read > 0 && (isOver || failure != null || plain != null);
        return read == 0 && isOver ? -1 : read;
    }

    /** Whether another read will bring something, or probably will: what it has is enough, or the socket had more to give. */
    boolean hasMore() {
        return hasMore;
    }

    /** Whether another read will bring something of what no selector knows of. */
    boolean isWaiting() {
        return plain != null || isOver || failure != null || (records != null && !isPart);
    }

    /** Opens what there is; before that reads more, unless there is a whole record. */
    private void open(ByteBuffer into) {
        try {
            ByteBuffer arriving = arriving();
            boolean ended = false;
            if (!isWhole(arriving)) {
                int wanted = Math.min(Math.max(into.remaining(), LEAST_READ), RecordBuffers.LARGEST_READ);
                int read = receive(arriving, wanted);
                ended = read < 0;
                hasMore = read == wanted;
            }
            int left = MOST_RECORDS;
            while (left > 0 && into.hasRemaining() && plain == null && openOne(arriving, into)) {
                left--;
            }
            hasMore &= left > 0;
            keep(arriving);
            output.tellIfPossible();
            if (output.isAskedTooMuch()) {
                throw new TlsFailure(TlsFailure.Kind.BROKEN, "more is asked for than is taken", null);
            }
            if (ended && !isOver && !isWhole(arriving)) {
                cutOff(arriving.hasRemaining());
            }
        } catch (IOException lost) {
            failure = lost;
        }
    }

    /** @param within a record */
    private void cutOff(boolean within) throws IOException {
        if (socket.hasToldOfReset()) {
            throw new SocketException("Connection reset");
        }
        if (within || truncation == Truncation.RESET) {
            throw new TlsFailure(TlsFailure.Kind.TRUNCATED, "the stream ended without a close_notify", null);
        }
        isOver = true;
    }

    /** Returns whether it was a whole record. */
    private boolean openOne(ByteBuffer arriving, ByteBuffer into) throws IOException {
        int room = engine.getSession().getApplicationBufferSize() + MORE_ROOM;
        boolean fits = into.remaining() >= room;
        ByteBuffer target = fits ? into : memory.records().plain();
        SSLEngineResult result = unwrap(arriving, target);
        if (!fits) {
            takePlain(target.flip(), into);
        }
        if (isOver || result.getStatus() == Status.BUFFER_UNDERFLOW) {
            return false;
        }
        refuseNewHandshake(result.getHandshakeStatus());
        if (result.bytesProduced() == 0) {
            countEmpty();
        }
        return true;
    }

    private SSLEngineResult unwrap(ByteBuffer arriving, ByteBuffer target) throws IOException {
        SSLEngineResult result;
        int begin = arriving.position();
        try {
            result = engine.unwrap(arriving, target);
        } catch (SSLException broken) {
            String alert = PlainAlert.in(arriving, begin);
            String why = alert == null ? String.valueOf(broken.getMessage()) : "Received fatal alert: " + alert;
            TlsFailure failed = new TlsFailure(TlsFailure.Kind.BROKEN, why, broken);
            output.fail(failed);
            throw failed;
        }
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new TlsFailure(
                    TlsFailure.Kind.BROKEN, "a record of more than " + target.remaining() + " bytes", null);
        }
        isPart = result.getStatus() == Status.BUFFER_UNDERFLOW;
        isOver = result.getStatus() == Status.CLOSED || engine.isInboundDone();
        return result;
    }

    /** A handshake in the middle of a stream is one of TLS 1.2, and would be without end. */
    private void refuseNewHandshake(HandshakeStatus status) throws IOException {
        boolean isNew =
                switch (status) {
                    case NOT_HANDSHAKING, FINISHED -> false;
                    case NEED_WRAP -> !engine.getSession().getProtocol().equals(TLS_1_3);
                    case NEED_TASK, NEED_UNWRAP, NEED_UNWRAP_AGAIN -> true;
                };
        if (isNew) {
            throw new TlsFailure(TlsFailure.Kind.BROKEN, "renegotiation", null);
        }
    }

    private void countEmpty() throws IOException {
        long now = socket.now();
        if (now - emptySince >= SECOND) {
            emptySince = now;
            empty = 0;
        }
        if (++empty > MOST_EMPTY) {
            throw new TlsFailure(
                    TlsFailure.Kind.BROKEN, "more than " + MOST_EMPTY + " records without content in a second", null);
        }
    }

    /**
     * What the engine wants to hear in a handshake. Returns false when that has yet to arrive.
     *
     * @throws IOException the handshake has failed
     */
    boolean shake() throws IOException {
        ByteBuffer arriving = arriving();
        boolean isDry = false;
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP && !isDry) {
            ByteBuffer target = memory.records().plain();
            if (unwrap(arriving, target).getStatus() == Status.BUFFER_UNDERFLOW) {
                int read = receive(arriving, LEAST_READ);
                if (read < 0) {
                    throw new TlsFailure(TlsFailure.Kind.TRUNCATED, "the stream ended within the handshake", null);
                }
                isDry = read == 0;
            } else if (target.flip().hasRemaining()) {
                if (plain != null) {
                    throw new TlsFailure(TlsFailure.Kind.BROKEN, "content within the handshake", null);
                }
                plain = memory.keep(target);
                break;
            }
            if (isOver) {
                throw new TlsFailure(TlsFailure.Kind.BROKEN, "close_notify within the handshake", null);
            }
        }
        keep(arriving);
        return !isDry;
    }

    // ---- bytes that wait

    private ByteBuffer arriving() {
        ByteBuffer arriving = memory.records().arriving();
        Chunk before = records;
        records = null;
        if (before != null) {
            arriving.put(before.memory(), before.from(), before.size());
            before.giveBack();
        }
        return arriving.flip();
    }

    /** Returns as a socket's read does. What was read is behind what was there. */
    private int receive(ByteBuffer arriving, int most) throws IOException {
        ByteBuffer in = memory.records().socket();
        int room = arriving.capacity() - arriving.remaining();
        int read = socket.readRecords(in.limit(Math.min(most, room)));
        arriving.compact().put(in.flip()).flip();
        return read;
    }

    private void keep(ByteBuffer arriving) {
        if (arriving.hasRemaining() && !isOver) {
            int from = arriving.position();
            records = memory.keep(arriving);
            arriving.position(from);
        }
    }

    private void takePlain(ByteBuffer opened, ByteBuffer into) {
        int fits = Math.min(opened.remaining(), into.remaining());
        into.put(opened.slice().limit(fits));
        opened.position(opened.position() + fits);
        if (opened.hasRemaining()) {
            plain = memory.keep(opened);
        }
    }

    private void takePlain(Chunk opened, ByteBuffer into) {
        int fits = Math.min(opened.size(), into.remaining());
        into.put(opened.memory(), opened.from(), fits);
        opened.skip(fits);
        if (opened.isEmpty()) {
            plain = null;
            opened.giveBack();
        }
    }

    private static boolean isWhole(ByteBuffer records) {
        int size = records.remaining() - HEADER;
        return size >= 0 && size >= Short.toUnsignedInt(records.getShort(records.position() + LENGTH_AT));
    }

    void drop() {
        Chunk opened = plain;
        Chunk unopened = records;
        plain = null;
        records = null;
        if (opened != null) {
            opened.giveBack();
        }
        if (unopened != null) {
            unopened.giveBack();
        }
    }
}
