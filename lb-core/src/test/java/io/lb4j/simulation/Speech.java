package io.lb4j.simulation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a peer says and hears: the bytes of two streams, as they are or in the records of a toy TLS. */
final class Speech {
    private static final int MOST_READ = 40_000;
    private static final int MOST_UNSENT = 1 << 16;
    private static final int NOISE = 300;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Timeline timeline;
    private final Verdict verdict;
    private final @Nullable ToyEngine engine;
    private final int stream;
    private final int heardStream;
    private final Wire out;
    private final Wire in;

    /** What has to come before all that is heard, as it is. */
    private final ByteBuffer told;

    /** Filled, and not taken by the kernel. */
    private final ByteBuffer unsent = ByteBuffer.allocate(MOST_UNSENT);

    /** Between position and limit. */
    private final ByteBuffer arrived = ByteBuffer.allocate(1 << 16).flip();

    private final ByteBuffer opened = ByteBuffer.allocate(ToyRecord.LARGEST);
    private boolean through;
    private long said;
    private long heard;
    private boolean isNotified;

    /**
     * @param engine null for none
     * @param stream the number of the stream that it says
     * @param heardStream the one that it is to hear
     * @param told what comes before that as it is
     */
    Speech(
            Timeline timeline,
            Verdict verdict,
            @Nullable ToyEngine engine,
            int stream,
            int heardStream,
            Wire out,
            Wire in,
            byte[] told) {
        this.timeline = timeline;
        this.verdict = verdict;
        this.engine = engine;
        this.stream = stream;
        this.heardStream = heardStream;
        this.out = out;
        this.in = in;
        this.told = ByteBuffer.wrap(told);
        through = engine == null;
    }

    // ---- the handshake

    boolean isThrough() {
        return through;
    }

    void begin() throws SSLException {
        if (engine != null) {
            engine.beginHandshake();
        }
    }

    /** Does what the engine wants done. Returns whether it is through, or has to hear something for that. */
    boolean shake() throws SSLException {
        HandshakeStatus status = engine.getHandshakeStatus();
        while (status == HandshakeStatus.NEED_TASK
                || status == HandshakeStatus.NEED_WRAP
                || (status == HandshakeStatus.NEED_UNWRAP && open())) {
            if (status == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            } else if (status == HandshakeStatus.NEED_WRAP) {
                wrap(NOTHING);
            }
            status = engine.getHandshakeStatus();
        }
        through = status == HandshakeStatus.NOT_HANDSHAKING;
        return through;
    }

    // ---- what it says

    /** Whether it still can: an end of TLS 1.2 is one of both directions. */
    boolean canSay() {
        return engine == null || !(engine.isOutboundDone() || engine.isInboundDone() && isTls12());
    }

    boolean isTls12() {
        return engine != null && engine.getSession().getProtocol().equals(ToyProtocol.TLS_1_2.name);
    }

    /** The next bytes of its stream, at most so many, in one record. Returns how many. */
    int say(long most, int largestRecord) throws SSLException {
        if (unsent.remaining() < 2 * ToyRecord.LARGEST) {
            return 0;
        }
        int size = (int) Math.min(most, Math.min(unsent.remaining() / 2, largestRecord));
        ByteBuffer bytes = ByteBuffer.allocate(size);
        StreamBytes.put(bytes, stream, said, size);
        bytes.flip();
        if (engine == null) {
            unsent.put(bytes);
        } else {
            wrap(bytes);
        }
        said += bytes.position();
        mark();
        return bytes.position();
    }

    private void mark() {
        if (engine != null) {
            out.record(end(), said);
        }
    }

    /** Where the wire ends when all is sent. */
    private long end() {
        return out.written() + unsent.position();
    }

    private void wrap(ByteBuffer bytes) throws SSLException {
        SSLEngineResult result = engine.wrap(bytes, unsent);
        verdict.require(result.getStatus() != Status.BUFFER_OVERFLOW, "a peer has no room", unsent);
        if (engine.isOutboundDone()) {
            out.notified(end());
        }
    }

    /** What the engine has to say of its own. */
    private void wrapAll() throws SSLException {
        while (engine != null && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            wrap(NOTHING);
        }
    }

    void sayNothing() throws SSLException {
        if (engine != null && unsent.remaining() > ToyRecord.LARGEST) {
            engine.sayNothing();
            wrapAll();
        }
    }

    void updateKeys(boolean asksForTheirs) throws SSLException {
        if (engine != null && !isTls12()) {
            engine.updateKeys(asksForTheirs);
            wrapAll();
        }
    }

    /** Says that nothing follows. */
    void sayEnd() throws SSLException {
        if (engine != null && !engine.isOutboundDone()) {
            engine.closeOutbound();
            wrapAll();
        }
    }

    /** After a failure. */
    void sayWhy() {
        try {
            wrapAll();
        } catch (SSLException again) {
            verdict.require(false, "a peer fails to say why it has failed", again);
        }
    }

    void renegotiate() throws SSLException {
        engine.beginHandshake();
        wrapAll();
    }

    /** A record that lacks its last byte; or has another one. */
    void sayWrong(boolean isCut) throws SSLException {
        int last = unsent.position() - 1;
        wrap(ByteBuffer.allocate(100));
        int at = unsent.position() - 1;
        verdict.require(at > last, "nothing was wrapped", this);
        if (isCut) {
            unsent.position(at);
        } else {
            unsent.put(at, (byte) (unsent.get(at) ^ 1));
        }
    }

    /** What nobody takes for a record. */
    void sayNoise() {
        byte[] noise = new byte[NOISE];
        Arrays.fill(noise, (byte) 0xff);
        unsent.put(noise);
    }

    boolean isSent() {
        return unsent.position() == 0;
    }

    /** Nobody is there to take it. */
    void dropUnsent() {
        unsent.clear();
    }

    /**
     * Hands over to the kernel, at most so much. Returns how much.
     *
     * @throws IOException as a write
     */
    int send(TcpEnd end, int most) throws IOException {
        int wanted = Math.min(unsent.position(), most);
        int size = wanted > 1 && timeline.oneIn(3) ? timeline.between(1, wanted) : wanted;
        int room = size == 0 ? 0 : end.room(size);
        if (room > 0) {
            unsent.flip();
            out.put(unsent.slice().limit(room));
            unsent.position(room);
            unsent.compact();
            end.write(room);
        }
        return room;
    }

    // ---- what it hears

    /** Returns as a socket's read, but 0 only if there was nothing to hear. */
    int hear(TcpEnd end, int most) throws IOException {
        boolean hadMore = openAll();
        int read = read(end, most);
        openAll();
        return read == 0 && hadMore ? 1 : read;
    }

    /** Only reads. Returns as a socket's read. */
    int read(TcpEnd end, int most) throws IOException {
        int wanted = Math.min(MOST_READ, most);
        int size = end.read(wanted > 1 && timeline.oneIn(3) ? timeline.between(1, wanted) : wanted);
        if (size > 0) {
            arrived.compact();
            in.take(arrived, size);
            arrived.flip();
            skipTold();
        }
        return size;
    }

    /** What was read is of no interest. */
    void forget() {
        arrived.position(arrived.limit());
    }

    private void skipTold() {
        while (told.hasRemaining() && arrived.hasRemaining()) {
            verdict.require(told.get() == arrived.get(), "told something else of the client", told);
        }
    }

    private boolean openAll() throws SSLException {
        boolean any = false;
        while (open()) {
            any = true;
        }
        return any;
    }

    /** Opens what is next. Returns whether there was something. */
    private boolean open() throws SSLException {
        if (engine == null) {
            int size = arrived.remaining();
            check(arrived);
            return size > 0;
        }
        int size = ToyRecord.length(arrived);
        if (size < 0 || arrived.remaining() < size || isNotified) {
            return false;
        }
        SSLEngineResult result = engine.unwrap(arrived, opened.clear());
        check(opened.flip());
        isNotified = result.getStatus() == Status.CLOSED;
        if (through) {
            wrapAll();
        }
        return true;
    }

    private void check(ByteBuffer bytes) {
        verdict.require(
                StreamBytes.match(bytes, heardStream, heard), "heard other bytes than those that were said", this);
        heard += bytes.remaining();
        bytes.position(bytes.limit());
    }

    // ---- for oracles

    boolean isTls() {
        return engine != null;
    }

    /** How much of its stream it has put into words. */
    long said() {
        return said;
    }

    long heard() {
        return heard;
    }

    /** Whether it was told within TLS that nothing follows. */
    boolean isNotified() {
        return isNotified;
    }

    /** Whether all that has arrived is understood, or not enough for that. */
    boolean hasUnopened() {
        int size = ToyRecord.length(arrived);
        return engine == null ? arrived.hasRemaining() : size > 0 && arrived.remaining() >= size;
    }

    @Override
    public String toString() {
        return (engine == null ? "plain" : engine.getSession().getProtocol()) + ", said " + said + " unsent "
                + unsent.position() + ", heard " + heard + (isNotified ? " and an end" : "");
    }
}
