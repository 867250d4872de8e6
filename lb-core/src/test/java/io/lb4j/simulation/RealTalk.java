package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.simulation.Plan.Dial;
import io.lb4j.simulation.Plan.TalkPlan;
import io.lb4j.simulation.SameOnRealSocketsTest.Ending;
import io.lb4j.simulation.SimPeer.End;
import io.lb4j.testing.Background;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Plays one talk of a plan through a proxy on real sockets. */
final class RealTalk {
    private static final int PATIENCE_SECONDS = 20;

    private final TalkPlan plan;
    private final CompletableFuture<ConnectionSummary> summary = new CompletableFuture<>();
    private final List<Backend> backends = new ArrayList<>();

    private RealTalk(TalkPlan plan) {
        this.plan = plan;
    }

    static Ending run(TalkPlan plan) throws Exception {
        return new RealTalk(plan).run();
    }

    private Ending run() throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ServerSocket listener = new ServerSocket();
                Socket refuses = new Socket();
                Socket alsoRefuses = new Socket()) {
            listener.setReceiveBufferSize(plan.client().buffer());
            listener.bind(new InetSocketAddress(here, 0));
            // Bound and not listening: refuses, and nobody can take the port meanwhile.
            refuses.bind(new InetSocketAddress(here, 0));
            alsoRefuses.bind(new InetSocketAddress(here, 0));
            for (Plan.BackendPlan backend : plan.backends()) {
                Socket refusing = backends.isEmpty() ? refuses : alsoRefuses;
                int port = backend.dial() == Dial.ACCEPTS ? listener.getLocalPort() : refusing.getLocalPort();
                backends.add(Backend.of("127.0.0.1", port).withId("b" + backends.size()));
            }
            return through(listener);
        }
    }

    private Ending through(ServerSocket listener) throws Exception {
        List<Route> routes =
                backends.stream().map(backend -> (Route) () -> backend).toList();
        try (TcpProxy proxy = TcpProxy.builder()
                .eventLoops(1)
                .router((connection, failed) -> failed.size() < routes.size() ? routes.get(failed.size()) : null)
                .listener(new ConnectionListener() {
                    @Override
                    public void connectionClosed(ConnectionSummary closed) {
                        summary.complete(closed);
                    }
                })
                .start()) {
            CompletableFuture<RealPeer> backend = Background.supply(() -> accept(listener));
            Socket socket = new Socket();
            socket.setReceiveBufferSize(plan.client().buffer());
            socket.setSendBufferSize(plan.client().buffer());
            socket.connect(proxy.address());
            RealPeer client = new RealPeer(socket, plan.client());
            client.play();
            ConnectionSummary closed = summary.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            RealPeer served = closed.backend() == null ? null : backend.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return ending(client, served, closed);
        }
    }

    private RealPeer accept(ServerSocket listener) throws Exception {
        Socket socket = listener.accept();
        socket.setOption(StandardSocketOptions.SO_SNDBUF, plan.client().buffer());
        RealPeer peer = new RealPeer(socket, plan.backends().get(0).peer());
        peer.play();
        return peer;
    }

    private static Ending ending(RealPeer client, RealPeer backend, ConnectionSummary closed) {
        return new Ending(
                client.seen(),
                client.received(),
                backend == null ? End.UNSEEN : backend.seen(),
                backend == null ? 0 : backend.received(),
                closed.reason(),
                closed.bytesToBackend(),
                closed.bytesToClient(),
                closed.attempts());
    }

    /** {@link SimPeer}, with blocking calls on a real socket: a thread for each track. */
    private static final class RealPeer {
        private final Socket socket;
        private final PeerPlan plan;
        private final Object progress = new Object();
        private long received;
        private boolean readerDone;
        private volatile boolean closed;
        private volatile End seen = End.UNSEEN;

        RealPeer(Socket socket, PeerPlan plan) {
            this.socket = socket;
            this.plan = plan;
        }

        /** Plays both tracks to their end, and closes. */
        void play() throws Exception {
            CompletableFuture<Void> reader = Background.run(this::read);
            CompletableFuture<Void> writer = Background.run(this::write);
            assertThat(CompletableFuture.allOf(reader, writer)).succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS);
            socket.close();
        }

        private void write() throws Exception {
            try {
                writeAll();
            } catch (IOException lost) {
                // Whoever writes first to a connection that was reset learns it here, and would read an end that is
                // none.
                if (!"Broken pipe".equals(lost.getMessage())) {
                    seen = End.RESET;
                }
            }
        }

        private void writeAll() throws Exception {
            for (Act act : plan.writer()) {
                switch (act.kind()) {
                    case SEND -> socket.getOutputStream().write(new byte[(int) act.amount()]);
                    case FIN -> socket.shutdownOutput();
                    case AWAIT_BYTES -> await(act.amount());
                    case AWAIT_READER -> await(Long.MAX_VALUE);
                    case RESET -> reset();
                    default -> throw new IllegalStateException("writer: " + act);
                }
            }
        }

        private void await(long bytes) throws InterruptedException {
            synchronized (progress) {
                while (received < bytes && !readerDone) {
                    progress.wait();
                }
            }
        }

        private void reset() throws IOException {
            closed = true;
            socket.setSoLinger(true, 0);
            socket.close();
        }

        private void read() throws IOException {
            try {
                for (Act act : plan.reader()) {
                    switch (act.kind()) {
                        case READ -> readUpTo(received + act.amount());
                        case READ_TO_END -> readUpTo(Long.MAX_VALUE);
                        case PAUSE -> Background.pause(TimeUnit.NANOSECONDS.toMillis(act.amount()));
                        default -> throw new IllegalStateException("reader: " + act);
                    }
                }
            } finally {
                synchronized (progress) {
                    readerDone = true;
                    progress.notifyAll();
                }
            }
        }

        private void readUpTo(long total) {
            byte[] buffer = new byte[65_536];
            while (received < total) {
                int size;
                try {
                    size = socket.getInputStream().read(buffer, 0, (int) Math.min(buffer.length, total - received));
                } catch (IOException reset) {
                    seen = closed ? End.UNSEEN : End.RESET;
                    return;
                }
                if (size < 0) {
                    seen = seen == End.UNSEEN ? End.EOF : seen;
                    return;
                }
                synchronized (progress) {
                    received += size;
                    progress.notifyAll();
                }
            }
        }

        long received() {
            return received;
        }

        End seen() {
            return seen;
        }
    }
}
