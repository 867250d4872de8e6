package io.lb4j.simulation;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a peer says and hears: the bytes of two streams, as they are or in the records of a toy TLS. */
final class Speech {
    private static final int NOISE = 300;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Timeline timeline;
    private final Verdict verdict;
    private final @Nullable ToyEngine engine;
    private final int stream;
    private final Wire out;
    private final Ear ear;

    /** Filled, and not taken by the kernel. */
    private final ByteBuffer unsent = ByteBuffer.allocate(1 << 16);

    private boolean through;
    private long said;

    /** @param stream the number of the one that it says */
    Speech(Timeline timeline, Verdict verdict, @Nullable ToyEngine engine, int stream, Wire out, Ear ear) {
        this.timeline = timeline;
        this.verdict = verdict;
        this.engine = engine;
        this.stream = stream;
        this.out = out;
        this.ear = ear;
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
                || (status == HandshakeStatus.NEED_UNWRAP && ear.open())) {
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
        if (engine == null) {
            unsent.put(bytes.flip());
        } else {
            wrap(bytes.flip());
            out.record(end(), said + bytes.position());
        }
        said += bytes.position();
        return bytes.position();
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
        if (engine != null) {
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
        wrap(ByteBuffer.allocate(100));
        int at = unsent.position() - 1;
        if (isCut) {
            unsent.position(at);
        } else {
            unsent.put(at, (byte) (unsent.get(at) ^ 1));
        }
    }

    /** What nobody takes for a record. */
    void sayNoise() {
        while (unsent.position() < NOISE) {
            unsent.put((byte) 0xff);
        }
    }

    boolean isSent() {
        return unsent.position() == 0;
    }

    /** Nobody is there to take it. */
    void dropUnsent() {
        unsent.clear();
    }

    /** Hands over to the kernel, at most so much. Returns how much; throws as a write. */
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
    int hear(TcpEnd end) throws IOException {
        boolean hadMore = openAll();
        int read = read(end);
        openAll();
        return read == 0 && hadMore ? 1 : read;
    }

    /** Only reads. Returns as a socket's read. */
    int read(TcpEnd end) throws IOException {
        return ear.read(end);
    }

    /** What was read is of no interest. */
    void forget() {
        ear.forget();
    }

    private boolean openAll() throws SSLException {
        boolean any = false;
        while (ear.open()) {
            any = true;
            wrapAll();
        }
        return any;
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
        return ear.heard();
    }

    /** Whether it was told within TLS that nothing follows. */
    boolean isNotified() {
        return ear.isNotified();
    }

    @Override
    public String toString() {
        return (engine == null ? "plain" : engine.getSession().getProtocol()) + ", said " + said + " unsent "
                + unsent.position() + ", " + ear;
    }
}
