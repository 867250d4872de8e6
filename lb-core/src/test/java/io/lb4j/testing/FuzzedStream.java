package io.lb4j.testing;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** The socket below a peer whose records are changed on their way. Used by one thread. */
final class FuzzedStream {
    private static final int ROOM = 64 * 1024;
    private static final int SHORT_PATIENCE_MILLIS = 15;

    private final Socket socket;
    private final RecordFuzz fuzz;
    private final byte[] buffer = new byte[ROOM];
    private boolean isSilent = true;
    private boolean isMute;
    private boolean hasEnded;

    FuzzedStream(Socket socket, RecordFuzz fuzz) {
        this.socket = socket;
        this.fuzz = fuzz;
    }

    /** Whether nothing was said at all. */
    boolean isSilent() {
        return isSilent;
    }

    /** Whether nothing is said any more. */
    boolean isMute() {
        return isMute;
    }

    /** Says this record, or what becomes of it. */
    void say(byte[] record, boolean isStream) throws IOException {
        if (isMute) {
            return;
        }
        send(fuzz.said(record, isStream));
        if (fuzz.below() == RecordFuzz.Below.RESET && !isMute) {
            isMute = true;
            hasEnded = true;
            socket.setSoLinger(true, 0);
            socket.close();
        } else if (fuzz.below() == RecordFuzz.Below.FIN) {
            fin();
        }
    }

    /** Says this as it is. */
    void send(byte[] bytes) {
        isSilent &= bytes.length == 0;
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException reset) {
            // It shows on the next read.
            isMute = true;
        }
    }

    private void fin() {
        isMute = true;
        try {
            socket.shutdownOutput();
        } catch (IOException reset) {
            // It shows on the next read.
        }
    }

    /** Returns null at the end. */
    ByteBuffer receive(int most) {
        send(fuzz.rest());
        int read = hasEnded ? -1 : read(most);
        hasEnded = read < 0;
        return hasEnded ? null : ByteBuffer.wrap(buffer, 0, read);
    }

    /** Where the other side may wait for more, it gets an end after a while. */
    private int read(int most) {
        boolean isPatient = isMute || !fuzz.mayStall();
        try {
            socket.setSoTimeout(isPatient ? Peer.PATIENCE_MILLIS : SHORT_PATIENCE_MILLIS);
            return socket.getInputStream().read(buffer, 0, Math.min(most, ROOM));
        } catch (SocketTimeoutException silent) {
            if (isPatient) {
                throw new AssertionError(fuzz.change() + ": the other side neither ends nor goes on", silent);
            }
            fin();
            return read(most);
        } catch (IOException reset) {
            return -1;
        }
    }

    /** Ends by itself, unless the other side has to; and waits for that. */
    void awaitEnd() {
        if (fuzz.effect() != RecordFuzz.Effect.BROKEN || fuzz.mayStall()) {
            fin();
        }
        while (receive(ROOM) != null) {
            // What follows is nothing that could be opened.
        }
    }
}
