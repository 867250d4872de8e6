package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines that talk with each other, step by step, and what each step came to. */
final class TlsTalk {
    private static final int WIRE = 1 << 18;
    static final int ROOM = 20_000;

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

    /** Two toys, of which the server speaks these protocols. They have begun. */
    static TlsTalk of(ToyTls clients, ToyTls servers, ToyProtocol... protocols) {
        SSLEngine server = servers.context().createSSLEngine();
        server.setUseClientMode(false);
        server.setEnabledProtocols(
                Arrays.stream(protocols).map(protocol -> protocol.name).toArray(String[]::new));
        TlsTalk talk = new TlsTalk(clients.client(), server);
        talk.begin();
        return talk;
    }

    void begin() {
        client.begin();
        server.begin();
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
        /** Whether it gets its bytes one at a time. */
        boolean drips;

        private End peer = this;
        private long sent;

        private End(String name, SSLEngine engine) {
            this.name = name;
            this.engine = engine;
        }

        void begin() {
            try {
                engine.beginHandshake();
            } catch (SSLException broken) {
                throw new AssertionError(broken);
            }
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
            return received.hasRemaining() && read() > 0;
        }

        private int read() {
            int taken = 0;
            for (int size = drips ? 0 : received.remaining(); taken == 0 && size <= received.remaining(); size++) {
                taken = unwrap(received.slice(received.position(), size), ROOM);
            }
            received.position(received.position() + taken);
            return taken;
        }

        /** As if the other end had sent it; a character for each byte. */
        void receive(String bytes) {
            received.compact().put(bytes.getBytes(StandardCharsets.ISO_8859_1)).flip();
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
