package io.lb4j.admin;

import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.Metric;
import io.lb4j.internal.util.Preload;
import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** What the one thread of an admin server does. Confined to it, but for {@link #end}. */
final class AdminLoop implements Runnable {
    static {
        Preload.classes(
                AdminConnection.class,
                Answer.class,
                EndsJson.class,
                Json.class,
                Metric.class,
                Metrics.class,
                MetricsText.class,
                Outgoing.class,
                PastEvent.class,
                Request.class,
                Shown.class,
                StatusJson.class);
    }

    /*
     * No client is ever waited for: a request counts when all of it is here, and is answered at once. Each connection has
     * one request and one deadline. When there are as many as may be, the one that has been there for longest makes room:
     * clients that send half a request cannot keep out one that sends a whole one, however many they are.
     */
    static final int MOST_CONNECTIONS = 64;

    private static final long TIME = TimeUnit.SECONDS.toNanos(10);

    /** So that those that came before are heard before the next come. */
    private static final int MOST_ACCEPTS = 16;

    /** After an accept that failed, and would fail again at once. */
    private static final long PAUSE_MILLIS = 100;

    private final ServerSocketChannel listener;
    private final Selector selector;
    private final SelectionKey accepting;
    private final AdminHandler handler;
    private final Sampler sampler;

    /** Answers that were not there at once. */
    private final Queue<Runnable> late = new ConcurrentLinkedQueue<>();

    /** In the order of arrival, which is that of their deadlines. */
    private final Queue<AdminConnection> connections = new ConcurrentLinkedQueue<>();

    private final Budget budget = new Budget(connections);

    private boolean pausing;
    private volatile boolean ended;

    /** Takes the listener over. */
    AdminLoop(ServerSocketChannel listener, AdminHandler handler, Sampler sampler) throws IOException {
        this.listener = listener;
        this.handler = handler;
        this.sampler = sampler;
        selector = Selector.open();
        try {
            listener.configureBlocking(false);
            accepting = listener.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException | RuntimeException | Error failure) {
            selector.close();
            throw failure;
        }
    }

    /** From any thread: the loop ends soon. */
    void end() {
        ended = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        // A listener that is gone comes never back, and every turn would fail at once.
        while (!ended && accepting.isValid()) {
            try {
                turn();
            } catch (ClosedSelectorException over) {
                ended = true;
            } catch (Throwable exhausted) {
                // Short of heap, or of a descriptor: the next turn may be better.
                pausing = true;
            }
        }
        connections.forEach(AdminConnection::close);
        Closing.quietly(listener);
        Closing.quietly(selector);
        sampler.end();
    }

    private void turn() throws IOException {
        // An interrupt that somebody left on this thread would make every select return at once.
        Thread.interrupted();
        accepting.interestOps(pausing ? 0 : SelectionKey.OP_ACCEPT);
        selector.select(this::ready, millisToWait());
        pausing = false;
        for (Runnable answer = late.poll(); answer != null; answer = late.poll()) {
            answer.run();
        }
        cutWhoeverIsLate();
        sampler.sampleIfDue();
    }

    /** From any thread: runs this on the admin thread. */
    void post(Runnable answer) {
        late.add(answer);
        selector.wakeup();
    }

    /** Of what is kept for all its clients. */
    Budget budget() {
        return budget;
    }

    private long millisToWait() {
        if (pausing) {
            return PAUSE_MILLIS;
        }
        AdminConnection first = connections.peek();
        long next = sampler.millisToNext();
        return first == null
                ? next
                : Math.min(next, Math.max(1, TimeUnit.NANOSECONDS.toMillis(first.deadline() - System.nanoTime()) + 1));
    }

    private void ready(SelectionKey key) {
        if (key == accepting) {
            accept();
        } else if (key.isValid() && key.attachment() instanceof AdminConnection connection) {
            goOn(connection);
        }
    }

    private void accept() {
        try {
            for (int i = 0; i < MOST_ACCEPTS; i++) {
                SocketChannel client = listener.accept();
                if (client == null) {
                    return;
                }
                add(client);
            }
        } catch (Throwable shortage) {
            pausing = true;
        }
    }

    private void add(SocketChannel client) throws IOException {
        try {
            connections.removeIf(connection -> !connection.isOpen());
            if (connections.size() >= MOST_CONNECTIONS) {
                connections.remove().close();
            }
            AdminConnection connection = new AdminConnection(client, selector, handler, this, System.nanoTime() + TIME);
            connections.add(connection);
            goOn(connection);
        } catch (Throwable failure) {
            client.close();
            throw failure;
        }
    }

    private static void goOn(AdminConnection connection) {
        try {
            connection.ready();
        } catch (Throwable failure) {
            connection.close();
        }
    }

    private void cutWhoeverIsLate() {
        long now = System.nanoTime();
        for (AdminConnection first = connections.peek();
                first != null && (!first.isOpen() || now - first.deadline() >= 0);
                first = connections.peek()) {
            connections.remove().close();
        }
    }
}
