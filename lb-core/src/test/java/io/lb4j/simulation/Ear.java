package io.lb4j.simulation;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a peer hears, as it is or in the records of a toy TLS, and whether these are the right bytes. */
final class Ear {
    private static final int MOST_READ = 40_000;

    private final Timeline timeline;
    private final Verdict verdict;
    private final @Nullable ToyEngine engine;
    private final int stream;
    private final Wire wire;

    /** What has to come before all that is heard, as it is. */
    private final ByteBuffer told;

    /** Between position and limit. */
    private final ByteBuffer arrived = ByteBuffer.allocate(1 << 16).flip();

    private final ByteBuffer opened = ByteBuffer.allocate(ToyRecord.LARGEST);
    private long heard;
    private boolean notified;

    /**
     * @param engine null for none
     * @param stream the number of the stream that it is to hear
     * @param told what comes before that as it is
     */
    Ear(Timeline timeline, Verdict verdict, @Nullable ToyEngine engine, int stream, Wire wire, byte[] told) {
        this.timeline = timeline;
        this.verdict = verdict;
        this.engine = engine;
        this.stream = stream;
        this.wire = wire;
        this.told = ByteBuffer.wrap(told);
    }

    /** Only reads. Returns as a socket's read. */
    int read(TcpEnd end) throws IOException {
        int size = end.read(timeline.oneIn(3) ? timeline.between(1, MOST_READ) : MOST_READ);
        if (size > 0) {
            arrived.compact();
            wire.take(arrived, size);
            arrived.flip();
            skipTold();
        }
        return size;
    }

    private void skipTold() {
        while (told.hasRemaining() && arrived.hasRemaining()) {
            verdict.require(told.get() == arrived.get(), "told something else of the client", told);
        }
    }

    /** What was read is of no interest. */
    void forget() {
        arrived.position(arrived.limit());
    }

    /** Opens what is next. Returns whether there was something. */
    boolean open() throws SSLException {
        if (engine == null) {
            int size = arrived.remaining();
            check(arrived);
            return size > 0;
        }
        int size = ToyRecord.length(arrived);
        if (size < 0 || arrived.remaining() < size || notified) {
            return false;
        }
        SSLEngineResult result = engine.unwrap(arrived, opened.clear());
        check(opened.flip());
        notified = result.getStatus() == Status.CLOSED;
        return true;
    }

    private void check(ByteBuffer bytes) {
        verdict.require(StreamBytes.match(bytes, stream, heard), "heard other bytes than those that were said", this);
        heard += bytes.remaining();
        bytes.position(bytes.limit());
    }

    long heard() {
        return heard;
    }

    /** Whether it was told within TLS that nothing follows. */
    boolean isNotified() {
        return notified;
    }

    @Override
    public String toString() {
        return "heard " + heard + (notified ? " and an end" : "");
    }
}
