package io.lb4j.proxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import org.jspecify.annotations.Nullable;

/**
 * Tells the two ways in which a first write can fail. Linux reports a reset as ECONNRESET, unless the peer had ended
 * its stream before it was reset: then it is EPIPE ({@code tcp_reset} in CLOSE_WAIT). Only in the second case is what
 * the peer has sent complete. Java shows the difference in the message alone, and in the language of the machine.
 */
final class BrokenPipe {
    private static final @Nullable String MESSAGE = provoke();

    private BrokenPipe() {}

    static boolean isIt(IOException failure) {
        return MESSAGE != null && MESSAGE.equals(failure.getMessage());
    }

    /** What this machine says when a pipe without a reader is written to. */
    private static @Nullable String provoke() {
        try {
            Pipe pipe = Pipe.open();
            try (Pipe.SinkChannel sink = pipe.sink()) {
                pipe.source().close();
                sink.write(ByteBuffer.allocateDirect(1));
                return null;
            }
        } catch (IOException expected) {
            return expected.getMessage();
        }
    }
}
