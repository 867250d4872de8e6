package io.lb4j.benchmarks.load;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One selector for all clients and backends. They share a thread because that is the cheapest: nobody is woken up, and
 * the core they run on should not be what limits the proxy.
 */
final class LoadLoop implements Closeable {
    /** Whoever waits for a key. */
    interface Handler {
        void ready() throws IOException;

        /** Ready failed: counts it, and frees what there is to free. */
        void failed(IOException failure);
    }

    private static final long END_WITHIN = TimeUnit.SECONDS.toNanos(10);

    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Pattern.LONGEST);
    private final Pattern pattern = new Pattern();
    private final Consumer<SelectionKey> onReady = this::ready;
    private Tally tally = new Tally();
    private Work work = Work.BUSY;
    private @Nullable TlsClients tls;

    LoadLoop() throws IOException {}

    /** A run begins: what happens from now on is its own. */
    void begin(Tally tally, Work work) {
        this.tally = tally;
        this.work = work;
    }

    void turn(long millis) throws IOException {
        selector.select(onReady, millis);
    }

    /** One turn that does not wait. */
    void turnNow() throws IOException {
        selector.selectNow(onReady);
    }

    private void ready(SelectionKey key) {
        // A key cancelled earlier in this batch still comes up.
        if (key.isValid() && key.attachment() instanceof Handler handler) {
            call(handler);
        }
    }

    private static void call(Handler handler) {
        try {
            handler.ready();
        } catch (IOException failure) {
            handler.failed(failure);
        }
    }

    /** Waits until no connection of a run is open; ends those that take too long. */
    void awaitEnd(Tally of) throws IOException {
        long deadline = System.nanoTime() + END_WITHIN;
        while (of.clients + of.accepted > 0 && System.nanoTime() < deadline) {
            turn(10);
        }
        if (of.clients + of.accepted > 0) {
            abort(of);
        }
    }

    private void abort(Tally of) {
        for (SelectionKey key : selector.keys()) {
            if (key.isValid() && key.attachment() instanceof Peer peer && peer.tally == of) {
                peer.failed(new IOException("did not end in time"));
            }
        }
    }

    Selector selector() {
        return selector;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    Pattern pattern() {
        return pattern;
    }

    Tally tally() {
        return tally;
    }

    /** Made when it is first asked for: few works need it. */
    TlsClients tls() {
        if (tls == null) {
            tls = new TlsClients();
        }
        return tls;
    }

    /** What is done in this run: backends answer as it wants. */
    Work work() {
        return work;
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
