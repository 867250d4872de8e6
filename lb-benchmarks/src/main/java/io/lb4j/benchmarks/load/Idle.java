package io.lb4j.benchmarks.load;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Connections that have had one response each and do nothing. Other works can be run among them. */
public final class Idle implements Closeable {
    /** Fewer at a time than any proxy's backlog. */
    private static final int AT_A_TIME = 64;

    private static final long WITHIN = TimeUnit.SECONDS.toNanos(60);

    private final LoadLoop loop;
    private final List<Integer> ports;
    private final boolean tls;
    private final Tally tally = new Tally();
    private final Deque<Client> clients = new ArrayDeque<>();

    Idle(LoadLoop loop, List<Integer> ports, boolean tls) {
        this.loop = loop;
        this.ports = List.copyOf(ports);
        this.tls = tls;
    }

    /** Opens as many as are missing, and waits until each has had its response. */
    public void growTo(int count) throws IOException {
        loop.begin(tally, Work.BUSY);
        long deadline = System.nanoTime() + WITHIN;
        while (tally.count < count && tally.failures == 0 && System.nanoTime() < deadline) {
            while (clients.size() < count && clients.size() - tally.count < AT_A_TIME) {
                open();
            }
            loop.turn(1);
        }
        if (tally.count < count) {
            tally.fail("only " + tally.count + " of " + count + " idle connections were answered");
        }
    }

    private void open() {
        Client client = tls ? new IdleClient(loop).over(loop.tls().client(false)) : new IdleClient(loop);
        client.start(ports.get(clients.size() % ports.size()));
        clients.add(client);
    }

    /** Does nothing for so long. */
    public void hold(long nanos) throws IOException {
        long deadline = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = deadline - System.nanoTime()) {
            loop.turn(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
        }
    }

    /** How those failed that did, the first few. */
    public List<String> messages() {
        return List.copyOf(tally.messages);
    }

    public long failures() {
        return tally.failures;
    }

    @Override
    public void close() throws IOException {
        tally.stopping = true;
        for (Client client : clients) {
            if (client.channel().isOpen()) {
                client.close();
            }
        }
        loop.awaitEnd(tally);
    }
}
