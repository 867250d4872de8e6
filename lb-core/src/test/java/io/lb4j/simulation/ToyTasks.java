package io.lb4j.simulation;

import java.util.ArrayDeque;
import java.util.Queue;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What one toy engine leaves to tasks, which any thread may run, and how they went. */
final class ToyTasks {
    private final Queue<byte[]> messages = new ArrayDeque<>();
    private final Runnable reckoning;

    /** What is thrown when the engine is used next. */
    private @Nullable SSLException failure;

    private volatile boolean busy;

    /** @param reckoning what each does first */
    ToyTasks(Runnable reckoning) {
        this.reckoning = reckoning;
    }

    /** Whether one is taken and not finished. */
    boolean isBusy() {
        return busy;
    }

    void add(byte[] message) {
        messages.add(message);
    }

    void clear() {
        messages.clear();
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    @Nullable
    Runnable take(ToyHandshake handshake) {
        if (busy || isEmpty()) {
            return null;
        }
        busy = true;
        return new Task(handshake);
    }

    void throwFailure() throws SSLException {
        SSLException thrown = failure;
        if (thrown != null) {
            failure = null;
            throw thrown;
        }
    }

    /** It works once, however often it is run. */
    private final class Task implements Runnable {
        private final ToyHandshake handshake;
        private boolean done;

        Task(ToyHandshake handshake) {
            this.handshake = handshake;
        }

        @Override
        public void run() {
            if (done) {
                return;
            }
            done = true;
            try {
                reckoning.run();
                for (byte[] message = messages.poll(); message != null; message = messages.poll()) {
                    handshake.consume(message);
                }
            } catch (SSLException thrown) {
                failure = thrown;
            } finally {
                busy = false;
            }
        }
    }
}
