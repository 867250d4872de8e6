package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines that talk with each other, step by step, and what each step came to. */
final class TlsTalk {
    private static final int WIRE = 1 << 18;
    private static final int ROOM = 20_000;

    /** A line for each step, without what differs from one TLS to another: the length of records, texts. */
    final List<String> trace = new ArrayList<>();

    final End client;
    final End server;

    TlsTalk(SSLEngine client, SSLEngine server) {
        this.client = new End("client", client);
        this.server = new End("server", server);
        this.client.peer = this.server;
        this.server.peer = this.client;
    }

    /** Until neither has anything to do. */
    void run() {
        while (client.step() | server.step()) {
            // Each has its turn.
        }
    }

    final class End {
        final SSLEngine engine;

        /** What came from the other end and is not unwrapped, between position and limit. */
        final ByteBuffer received = ByteBuffer.allocate(WIRE).flip();

        /** All that was unwrapped. */
        final ByteBuffer plain = ByteBuffer.allocate(WIRE);

        private final String name;
        private End peer = this;
        private long sent;

        private End(String name, SSLEngine engine) {
            this.name = name;
            this.engine = engine;
        }

        /** What the handshake wants; and reads, when it wants nothing. Returns whether there was anything to do. */
        boolean step() {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                task();
                return true;
            }
            if (status == HandshakeStatus.NEED_WRAP) {
                return wrap(0) > 0;
            }
            return received.hasRemaining() && unwrap() > 0;
        }

        void task() {
            Runnable task = engine.getDelegatedTask();
            Runnable second = engine.getDelegatedTask();
            note("task " + (task != null) + " " + (second != null) + " " + engine.getHandshakeStatus());
            if (task != null) {
                task.run();
            }
            note("ran");
        }

        /** Offers so many bytes, with room for what is wrapped. Returns how many came out. */
        int wrap(int size) {
            return wrap(size, ROOM);
        }

        int wrap(int size, int room) {
            ByteBuffer source = ByteBuffer.allocate(size);
            StreamBytes.put(source, 1, sent, size);
            ByteBuffer into = ByteBuffer.allocate(room);
            try {
                SSLEngineResult result = engine.wrap(source.flip(), into);
                sent += result.bytesConsumed();
                peer.received.compact().put(into.flip()).flip();
                note("wrap " + size + ": " + result.getStatus() + "/" + result.getHandshakeStatus() + " took "
                        + result.bytesConsumed() + (result.bytesProduced() > 0 ? ", gave" : ""));
                return result.bytesProduced();
            } catch (SSLException failure) {
                note("wrap " + size + ": " + failure.getClass().getSimpleName());
                return 0;
            }
        }

        int unwrap() {
            return unwrap(received, ROOM);
        }

        int unwrap(int room) {
            return unwrap(received, room);
        }

        /** Returns how many bytes went in. */
        int unwrap(ByteBuffer source, int room) {
            ByteBuffer into = ByteBuffer.allocate(room);
            int begin = source.position();
            try {
                SSLEngineResult result = engine.unwrap(source, into);
                plain.put(into.flip());
                note("unwrap: " + result.getStatus() + "/" + result.getHandshakeStatus()
                        + (result.bytesConsumed() > 0 ? " took" : "") + ", gave " + result.bytesProduced());
                return result.bytesConsumed();
            } catch (SSLException failure) {
                note("unwrap: " + failure.getClass().getSimpleName());
                return source.position() - begin;
            }
        }

        /** This, and how the engine is now. */
        void note(String what) {
            trace.add(name + " " + what + " -> " + engine.getHandshakeStatus() + (engine.isInboundDone() ? " in" : "")
                    + (engine.isOutboundDone() ? " out" : ""));
        }
    }
}
