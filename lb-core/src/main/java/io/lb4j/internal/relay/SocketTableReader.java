package io.lb4j.internal.relay;

import io.lb4j.internal.util.Names;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.Preload;
import io.lb4j.internal.util.SocketTable;
import io.lb4j.internal.util.SocketTable.Question;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Looks into the kernel's table of sockets for the connections of one proxy, on a thread of its own, for all that want
 * to know at once, and never for more than a twentieth of that thread's time; but for a look that took longer than the
 * one before it, as the first does, and one that was held up. Thread-safe.
 */
public final class SocketTableReader {
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int PAUSE_FOR_COST = 20;

    /**
     * A question, and whom it is answered. A table that does not know the socket on the other side of the same connection
     * either is not one to believe: not every kernel that has the file fills it.
     */
    private record Wanted(Question question, Question other, RelayLoop loop, LongConsumer answer) {
        long found() {
            long found = question.unacknowledged();
            boolean knowsNeither = found == SocketTable.GONE && other.unacknowledged() == SocketTable.GONE;
            return knowsNeither ? SocketTable.UNKNOWN : found;
        }
    }

    private final Platform platform;
    private final SocketTable table;
    private final ExecutorService thread;
    private final BiConsumer<String, Throwable> onFailure;

    // Guarded by this.
    private List<Wanted> wanted = new ArrayList<>();
    private boolean looking;

    // Of the thread that looks.
    private long nextLook;
    private long lastTook;

    /** @param onFailure is told what failed, and why */
    public SocketTableReader(
            SocketTable table, Platform platform, String proxyName, BiConsumer<String, Throwable> onFailure) {
        this.onFailure = onFailure;
        this.platform = platform;
        this.table = table;
        thread = platform.workers().pool(Names.thread(proxyName, "sockets"), 1);
        nextLook = platform.nanoClock().getAsLong();
        Preload.classes(Wanted.class, Question.class);
    }

    /**
     * Asks for the unacknowledged bytes of a socket; {@code answer} is called on the loop, or never, if memory is short.
     *
     * @param other the socket on the other side of the same connection
     */
    public void ask(Endpoint socket, Endpoint other, RelayLoop loop, LongConsumer answer) throws IOException {
        Wanted question = new Wanted(questionOf(socket), questionOf(other), loop, answer);
        boolean begin;
        synchronized (this) {
            wanted.add(question);
            begin = !looking;
            looking = true;
        }
        if (begin) {
            begin();
        }
    }

    private static Question questionOf(Endpoint endpoint) throws IOException {
        return new Question(endpoint.localAddress(), Objects.requireNonNull(endpoint.remoteAddress()));
    }

    private void begin() {
        try {
            thread.execute(this::look);
        } catch (Throwable noThread) {
            onFailure.accept("looking at sockets", noThread);
            notNow();
        }
    }

    private synchronized void notNow() {
        looking = false;
        wanted = new ArrayList<>();
    }

    public void close() {
        thread.shutdownNow();
    }

    private void look() {
        boolean more = true;
        while (more) {
            List<Wanted> asked = List.of();
            try {
                await();
                asked = take();
                lookFor(asked);
            } catch (Throwable failure) {
                onFailure.accept("looking at sockets", failure);
            }
            more = !isOver();
        }
    }

    private void await() {
        long left = nextLook - platform.nanoClock().getAsLong();
        if (left > 0) {
            LockSupport.parkNanos(left);
        }
    }

    private void lookFor(List<Wanted> asked) {
        long began = platform.nanoClock().getAsLong();
        table.look(asked.stream()
                .flatMap(one -> Stream.of(one.question(), one.other()))
                .toList());
        long now = platform.nanoClock().getAsLong();
        nextLook = now + Math.max(PAUSE, Math.min(lastTook, now - began) * PAUSE_FOR_COST);
        lastTook = now - began;
        for (Wanted one : asked) {
            long found = one.found();
            one.loop().post(() -> one.answer().accept(found));
        }
    }

    private synchronized List<Wanted> take() {
        List<Wanted> taken = wanted;
        wanted = new ArrayList<>();
        return taken;
    }

    private synchronized boolean isOver() {
        looking = !wanted.isEmpty() && !Thread.currentThread().isInterrupted();
        return !looking;
    }
}
