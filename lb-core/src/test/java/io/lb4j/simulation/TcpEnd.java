package io.lb4j.simulation;

import java.io.IOException;

/**
 * One end of a TCP connection as the kernel keeps it: a send queue, a receive queue, what the peer has said, and what is
 * left of it all after a reset. Only counts bytes; what they are follows from the stream and the position.
 */
final class TcpEnd {
    /*
     * Modelled on Linux, as measured in RealSocketsTest and seen in its source:
     *  - Bytes wait in the sender's queue until the receiver has room; a FIN goes after the last of them.
     *  - A reset empties the queue of who sends it and of who gets it; what was received before can still be read.
     *  - After a reset, the first failing call says so (ECONNRESET, or EPIPE if the peer had ended its stream before).
     *    Read first: "Connection reset" for ever, as the JDK remembers it. Write first: "Connection reset by peer", and
     *    then reads end like a clean stream.
     *  - Closing with unread input resets the peer. So do bytes that arrive for a closed socket, whose own queue is then
     *    lost.
     *  - A socket is writable when no more than two thirds of its send buffer is queued.
     */

    /** Is told that something about this end may be different now. */
    interface Watcher {
        void changed();
    }

    /** The smallest send buffer there is. */
    static final int LEAST_SEND_BUFFER = 4608;

    private enum Error {
        NONE,
        RESET,
        PIPE
    }

    private final Timeline timeline;
    private final String name;
    private Watcher watcher = () -> {};
    private TcpEnd peer;

    private int sendBuffer;
    private final int receiveBuffer;
    private long written;
    private long sent;
    private boolean finQueued;
    private boolean finSent;

    private long received;
    private long read;
    private boolean finReceived;
    private boolean resetReceived;
    private Error error = Error.NONE;
    private boolean resetRemembered;

    private boolean closed;
    private boolean dead;
    private boolean transferScheduled;

    TcpEnd(Timeline timeline, String name, int sendBuffer, int receiveBuffer) {
        this.timeline = timeline;
        this.name = name;
        this.sendBuffer = sendBuffer;
        this.receiveBuffer = receiveBuffer;
    }

    /** Makes a connection of two ends. */
    static void connect(TcpEnd one, TcpEnd other) {
        one.peer = other;
        other.peer = one;
    }

    void watch(Watcher watcher) {
        this.watcher = watcher;
    }

    // ---- system calls

    /** Takes up to {@code most} bytes: how many, 0 when there are none now, -1 at the end of the stream. */
    int read(int most) throws IOException {
        int available = (int) Math.min(most, received - read);
        if (available > 0) {
            read += available;
            peer.transferSoon();
            return available;
        }
        if (resetRemembered) {
            throw new IOException("Connection reset");
        }
        if (finReceived) {
            return -1;
        }
        if (error != Error.NONE) {
            resetRemembered = error == Error.RESET;
            throw takeError("Connection reset");
        }
        return resetReceived ? -1 : 0;
    }

    /** How many bytes a write of {@code size} would take. Throws what the write would throw. */
    int room(int size) throws IOException {
        if (error != Error.NONE) {
            throw takeError("Connection reset by peer");
        }
        if (resetReceived || finQueued || dead) {
            throw new IOException("Broken pipe");
        }
        return (int) Math.max(0, Math.min(size, sendBuffer - queued()));
    }

    void write(int size) {
        written += size;
        transferSoon();
    }

    private IOException takeError(String resetMessage) {
        IOException taken = new IOException(error == Error.PIPE ? "Broken pipe" : resetMessage);
        error = Error.NONE;
        return taken;
    }

    void shutdownOutput() {
        if (!finQueued && !dead) {
            finQueued = true;
            transferSoon();
        }
    }

    /** Closes the descriptor; with {@code abort} (SO_LINGER 0), or with unread input, the peer is reset. */
    void close(boolean abort) {
        if (closed) {
            return;
        }
        closed = true;
        if (!dead && (abort || received > read)) {
            reset();
        } else if (!dead) {
            shutdownOutput();
        }
        changed();
    }

    void sendBuffer(int size) {
        sendBuffer = Math.max(LEAST_SEND_BUFFER, size);
        changed();
    }

    // ---- what select sees

    boolean isReadable() {
        return received > read || finReceived || resetReceived;
    }

    boolean isWritable() {
        return finQueued || resetReceived || 3 * queued() <= 2L * sendBuffer;
    }

    /** An error or a hang-up: select reports whatever was asked for. */
    boolean isBroken() {
        return error != Error.NONE || dead || (finReceived && finQueued);
    }

    // ---- what happens on the wire

    private long queued() {
        return written - sent;
    }

    private void transferSoon() {
        if (!transferScheduled && !dead && (queued() > 0 || (finQueued && !finSent))) {
            transferScheduled = true;
            timeline.after(timeline.moment(), this::transfer);
        }
    }

    private void transfer() {
        transferScheduled = false;
        if (dead || finSent) {
            return;
        }
        if (queued() > 0) {
            int most = (int) Math.min(queued(), peer.receiveRoom());
            if (most > 0) {
                int size = timeline.oneIn(3) ? timeline.between(1, most) : most;
                sent += size;
                peer.receive(size);
                changed();
            } else {
                return; // The peer lets us know when it has read.
            }
        }
        if (queued() == 0 && finQueued && !timeline.oneIn(4)) {
            finSent = true;
            peer.receiveFin();
            changed();
        }
        transferSoon();
    }

    private long receiveRoom() {
        return closed || dead ? Long.MAX_VALUE : receiveBuffer - (received - read);
    }

    private void receive(int size) {
        timeline.note(size);
        if (closed || dead) {
            reset();
            return;
        }
        received += size;
        changed();
    }

    private void receiveFin() {
        if (dead) {
            reset();
        } else {
            finReceived = true;
            changed();
        }
    }

    /** Sends a reset, as the answer to something or by closing. Whatever was queued is lost. */
    private void reset() {
        die();
        timeline.after(timeline.moment(), peer::receiveReset);
    }

    private void receiveReset() {
        if (!dead) {
            timeline.note(-1);
            die();
            resetReceived = true;
            error = finReceived && !finQueued ? Error.PIPE : Error.RESET;
            changed();
        }
    }

    /** A reset that is on its way arrives now: in the middle of a system call. */
    void hurryReset() {
        if (peer.dead && !peer.resetReceived) {
            receiveReset();
        }
    }

    private void die() {
        dead = true;
        sent = written;
    }

    private void changed() {
        watcher.changed();
    }

    // ---- for oracles

    long received() {
        return received;
    }

    long readBytes() {
        return read;
    }

    boolean hasUnread() {
        return received > read;
    }

    boolean isFinReceived() {
        return finReceived;
    }

    boolean isResetReceived() {
        return resetReceived;
    }

    /** Reset, or ended by both sides. */
    boolean isOver() {
        return resetReceived || (finReceived && finQueued);
    }

    boolean isClosed() {
        return closed;
    }

    /** The send buffer has been shrunk to its least, which is how the engine asks whether all was delivered. */
    boolean isShrunk() {
        return sendBuffer == LEAST_SEND_BUFFER;
    }

    /** All that was written has arrived at the peer's end, and so has the end. */
    boolean isAllSent() {
        return queued() == 0 && finQueued == finSent;
    }

    boolean isFinQueued() {
        return finQueued;
    }

    @Override
    public String toString() {
        return name + "[written " + written + " sent " + sent + (finQueued ? " fin" : "") + (finSent ? "Sent" : "")
                + ", received " + received + " read " + read + (finReceived ? " fin" : "")
                + (resetReceived ? " reset" : "") + (closed ? " closed" : "") + (dead ? " dead" : "") + "]";
    }
}
