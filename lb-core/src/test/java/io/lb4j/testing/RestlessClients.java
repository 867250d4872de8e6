package io.lb4j.testing;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients of every kind, one after another in each of some threads: they ask once or many times, read slowly, end their
 * stream before the answer, reset, or leave at once. What becomes of them is counted, and no failure of theirs: who
 * connects while a process is short of everything may be refused.
 */
public final class RestlessClients implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 2000;
    private static final int BUFFER = 8192;

    private final int port;
    private final Set<Peer> open = ConcurrentHashMap.newKeySet();
    private final List<CompletableFuture<Void>> threads = new ArrayList<>();
    private final AtomicLong served = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile boolean stopped;

    /** Begins. */
    public RestlessClients(int port, int threads, long seed) {
        this.port = port;
        for (int i = 0; i < threads; i++) {
            SplittableRandom chance = new SplittableRandom(seed + i);
            this.threads.add(Background.run(() -> oneAfterAnother(chance)));
        }
    }

    private void oneAfterAnother(SplittableRandom chance) {
        while (!stopped) {
            try (Peer peer = Peer.connect(port, BUFFER)) {
                open.add(peer);
                peer.socket().setSoTimeout(TIMEOUT_MILLIS);
                one(peer, chance);
                open.remove(peer);
                served.incrementAndGet();
            } catch (Exception refusedOrReset) {
                failed.incrementAndGet();
            }
            open.removeIf(peer -> peer.socket().isClosed());
            Background.pause(chance.nextInt(20));
        }
    }

    private void one(Peer peer, SplittableRandom chance) throws IOException {
        switch (chance.nextInt(7)) {
            case 0 -> ask(peer, chance, 1);
            case 1 -> ask(peer, chance, chance.nextInt(2, 100));
            case 2 -> readSlowly(peer, chance);
            case 3 -> {
                send(peer, ObedientBackend.ANSWER_AT_END, chance.nextInt(20_000));
                peer.fin().receive(1);
            }
            case 4 -> {
                send(peer, ObedientBackend.ECHO, chance.nextInt(1, 2000));
                peer.rst();
            }
            case 5 -> peer.rst();
            default -> {}
        }
    }

    private static void send(Peer peer, char wish, int bytes) {
        peer.send(String.valueOf(wish)).send(new byte[bytes]);
    }

    private void ask(Peer peer, SplittableRandom chance, int times) {
        peer.send(String.valueOf(ObedientBackend.ECHO));
        for (int i = 0; i < times && !stopped; i++) {
            byte[] question = new byte[chance.nextInt(1, 3000)];
            peer.send(question).receive(question.length);
            Background.pause(chance.nextInt(10));
        }
    }

    private void readSlowly(Peer peer, SplittableRandom chance) throws IOException {
        peer.send(String.valueOf(ObedientBackend.FLOOD));
        InputStream in = peer.socket().getInputStream();
        int reads = chance.nextInt(1, 100);
        for (int i = 0; i < reads && !stopped; i++) {
            in.readNBytes(chance.nextInt(1, 500));
            Background.pause(chance.nextInt(10));
        }
    }

    /** How many got all they wanted, and how many did not. */
    @Override
    public String toString() {
        return served + " clients served, " + failed + " not";
    }

    /** Lets every client go, and waits until the last one has. */
    @Override
    public void close() {
        stopped = true;
        while (threads.stream().anyMatch(thread -> !thread.isDone())) {
            open.forEach(Peer::close);
            Background.pause(1);
        }
    }
}
