package io.lb4j.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * A peer that speaks TLS by an engine of the JDK, and once, at a place chosen by chance, says something else than the engine:
 * {@link RecordFuzz}. Used by one thread.
 */
public final class FuzzedTlsPeer {
    /**
     * What it has come to.
     *
     * @param change what was said otherwise
     * @param isSame the other side had to go on as if nothing were
     * @param isBroken the other side had to find out
     * @param heard of the other side
     * @param saidEnd whether all was said, and the close_notify
     * @param heardEnd whether the other side said a close_notify
     * @param isSilent whether nothing was said at all
     */
    public record Outcome(
            String change,
            boolean isSame,
            boolean isBroken,
            byte[] heard,
            boolean saidEnd,
            boolean heardEnd,
            boolean isSilent) {}

    private static final int ROOM = 64 * 1024;
    private static final int FEW = 40;
    private static final int MANY = 300;
    private static final byte[] NOTHING = {};

    private final FuzzedStream below;
    private final SSLEngine engine;
    private final Random random;
    private final RecordFuzz fuzz;
    private final ByteBuffer out = ByteBuffer.allocate(ROOM);
    private final ByteBuffer plain = ByteBuffer.allocate(ROOM);
    private ByteBuffer in = ByteBuffer.allocate(2 * ROOM).flip();
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private boolean isStream;
    private boolean saidEnd;
    private boolean heardEnd;

    private FuzzedTlsPeer(Socket socket, SSLEngine engine, Random random) {
        this.engine = engine;
        this.random = random;
        fuzz = new RecordFuzz(random);
        below = new FuzzedStream(socket, fuzz);
    }

    /**
     * Shakes hands, says this, hears so much, and ends; as far as it comes. The connection is closed then.
     *
     * @param isHonest nothing is changed
     */
    public static Outcome talk(Peer peer, SSLEngine engine, Random random, boolean isHonest, byte[] ours, int theirs)
            throws IOException {
        try (Socket socket = peer.socket()) {
            FuzzedTlsPeer fuzzed = new FuzzedTlsPeer(socket, engine, random);
            if (isHonest) {
                fuzzed.fuzz.changeNothing();
            }
            try {
                fuzzed.talk(ours, theirs);
            } catch (SSLException failed) {
                fuzzed.tellAlert();
            }
            fuzzed.below.awaitEnd();
            return fuzzed.outcome();
        }
    }

    private Outcome outcome() {
        return new Outcome(
                fuzz.change(),
                fuzz.effect() == RecordFuzz.Effect.NONE,
                fuzz.effect() == RecordFuzz.Effect.BROKEN,
                heard.toByteArray(),
                saidEnd,
                heardEnd,
                below.isSilent());
    }

    private void talk(byte[] ours, int theirs) throws IOException {
        engine.beginHandshake();
        while (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            if (!step()) {
                return;
            }
        }
        isStream = true;
        say(ours);
        while (heard.size() < theirs) {
            if (!step()) {
                return;
            }
        }
        engine.closeOutbound();
        wrap(NOTHING, 0, 0);
        saidEnd = !below.isMute();
        while (!engine.isInboundDone() && unwrap()) {
            // Until the other side has ended, too.
        }
    }

    private boolean step() throws IOException {
        return switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> runTasks();
            case NEED_WRAP -> wrap(NOTHING, 0, 0);
            default -> unwrap();
        };
    }

    private boolean runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
        return true;
    }

    private void say(byte[] ours) throws IOException {
        int most = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 1 + random.nextInt(16_384);
        int extraAt = random.nextInt(4) == 0 ? random.nextInt(ours.length) : Integer.MAX_VALUE;
        int records = 0;
        for (int at = 0; at < ours.length; ) {
            // Not too many of the small ones.
            int size = Math.min(++records > FEW ? ours.length : most, ours.length - at);
            if (at + size > extraAt && fuzz.isPending()) {
                extraAt = Integer.MAX_VALUE;
                sayMore();
            }
            at += wrapped(ours, at, size);
        }
    }

    /** What the engine says when it is asked to, and which is not usual. */
    private void sayMore() throws IOException {
        boolean isFew = random.nextBoolean();
        int count = isFew ? 1 + random.nextInt(FEW) : MANY;
        RecordFuzz.Effect effect = isFew ? RecordFuzz.Effect.NONE : RecordFuzz.Effect.ANY;
        if (engine.getSession().getProtocol().equals("TLSv1.3")) {
            fuzz.instead(count + " new keys", effect);
            for (int i = 0; i < count; i++) {
                engine.beginHandshake();
                wrap(NOTHING, 0, 0);
            }
        } else {
            fuzz.instead("renegotiation", RecordFuzz.Effect.BROKEN);
            engine.beginHandshake();
            wrap(NOTHING, 0, 0);
        }
    }

    private int wrapped(byte[] bytes, int from, int size) throws IOException {
        ByteBuffer part = ByteBuffer.wrap(bytes, from, size);
        SSLEngineResult result = engine.wrap(part, out.clear());
        byte[] record = new byte[out.flip().remaining()];
        out.get(record);
        if (record.length > 0) {
            below.say(record, isStream);
        }
        if (result.bytesConsumed() == 0 && size > 0) {
            throw new SSLException("closed");
        }
        return result.bytesConsumed();
    }

    private boolean wrap(byte[] bytes, int from, int size) throws IOException {
        wrapped(bytes, from, size);
        return true;
    }

    private boolean unwrap() throws IOException {
        SSLEngineResult result = engine.unwrap(in, plain.clear());
        heard.write(plain.array(), 0, plain.position());
        if (result.getStatus() == Status.CLOSED) {
            heardEnd = true;
            return false;
        }
        return result.getStatus() != Status.BUFFER_UNDERFLOW || read();
    }

    private boolean read() {
        ByteBuffer received = below.receive(in.capacity() - in.remaining());
        if (received != null) {
            in = in.compact().put(received).flip();
        }
        return received != null;
    }

    private void tellAlert() {
        try {
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && !below.isMute()) {
                out.clear();
                if (engine.wrap(ByteBuffer.wrap(NOTHING), out).bytesProduced() == 0) {
                    return;
                }
                below.send(Arrays.copyOf(out.array(), out.position()));
            }
        } catch (IOException nothingToTell) {
            // Then it is told nothing.
        }
    }
}
