package io.lb4j.simulation;

import java.time.Duration;

/** One step of a peer's script. */
record Act(Kind kind, long amount) {
    enum Kind {
        /** Sends so many bytes. */
        SEND,
        /** Reads so many bytes, or to the end. */
        READ,
        /** Reads to the end. */
        READ_TO_END,
        /** Does nothing for so many nanoseconds. */
        PAUSE,
        /** Waits until so many bytes were read, or the end. */
        AWAIT_BYTES,
        /** Waits until the reading track is through: the end was seen, or it wants no more. */
        AWAIT_READER,
        /** Waits until the connection is over: reset, or ended by both sides. */
        HOLD,
        /** Ends the stream. */
        FIN,
        /** Resets the connection. */
        RESET,
        /** Closes the connection, read or unread. */
        CLOSE,

        // Over TLS, by a Speaker.

        /** Sends so many records of data without data. */
        EMPTY,
        /** Changes its keys, and asks for others if the amount is not 0. */
        KEY_UPDATE,
        /** Says that nothing follows, and leaves the stream open. */
        NOTIFY,
        /** Ends the stream without saying that nothing follows. */
        BARE_FIN,
        /** Ends the stream within a record. */
        CUT_RECORD,
        /** Sends a record that was changed on its way. */
        BROKEN,
        /** Sends what is no record. */
        GARBAGE,
        /** Begins another handshake, of TLS 1.2. */
        RENEGOTIATE
    }

    static Act send(long bytes) {
        return new Act(Kind.SEND, bytes);
    }

    static Act read(long bytes) {
        return new Act(Kind.READ, bytes);
    }

    static Act pause(Duration time) {
        return new Act(Kind.PAUSE, time.toNanos());
    }

    static Act of(Kind kind) {
        return new Act(kind, 0);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case SEND, READ, AWAIT_BYTES, EMPTY, KEY_UPDATE -> kind + " " + amount;
            case PAUSE -> kind + " " + Duration.ofNanos(amount);
            default -> kind.toString();
        };
    }
}
