package io.lb4j.proxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.Pipe;

/**
 * Tells the two ways in which a first write can fail. Linux reports a reset as ECONNRESET, unless the peer had ended
 * its stream before it was reset: then it is EPIPE ({@code tcp_reset} in CLOSE_WAIT). Only in the second case is what
 * the peer has sent complete. Java shows the difference in the message alone, and in the language of the machine.
 */
final class BrokenPipe {
    private static volatile String message = "Broken pipe";

    private BrokenPipe() {}

    static boolean isIt(IOException failure) {
        return message.equals(failure.getMessage());
    }

    /** Finds out what this machine says, by writing to a pipe without a reader. Keeps what it knew if it cannot. */
    static void learn() {
        boolean interrupted = Thread.interrupted();
        try {
            Pipe pipe = Pipe.open();
            try (Pipe.SinkChannel sink = pipe.sink()) {
                pipe.source().close();
                provoke(sink);
            }
        } catch (IOException noPipe) {
            // Out of descriptors, perhaps.
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void provoke(Pipe.SinkChannel sink) {
        try {
            sink.write(ByteBuffer.allocateDirect(1));
        } catch (ClosedByInterruptException interruptedNow) {
            // Says nothing of pipes.
        } catch (IOException broken) {
            String found = broken.getMessage();
            message = found == null ? message : found;
        }
    }
}
