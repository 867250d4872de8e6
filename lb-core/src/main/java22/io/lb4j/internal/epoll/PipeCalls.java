package io.lb4j.internal.epoll;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The functions of the C library for pipes; see {@link Libc}. */
@SuppressWarnings("restricted")
final class PipeCalls {
    private static final int F_SETPIPE_SZ = 1031;
    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;

    private static final MethodHandle PIPE2 = Libc.of("pipe2", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SPLICE =
            Libc.of("splice", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle FCNTL = Linker.nativeLinker()
            .downcallHandle(
                    Libc.find("fcntl"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                    Linker.Option.firstVariadicArg(2),
                    Linker.Option.captureCallState("errno"));

    private PipeCalls() {}

    /** The two descriptors, to read and to write, are the first numbers of the scratch's value. */
    static int pipe2(Scratch scratch) {
        try {
            return Libc.result(
                    scratch, (int) PIPE2.invokeExact(scratch.state, scratch.value, Libc.NONBLOCK | Libc.CLOEXEC));
        } catch (Throwable impossible) {
            throw Libc.failed(impossible);
        }
    }

    /** Returns the size that it has then. */
    static int setPipeSize(Scratch scratch, int pipe, int bytes) {
        try {
            return Libc.result(scratch, (int) FCNTL.invokeExact(scratch.state, pipe, F_SETPIPE_SZ, bytes));
        } catch (Throwable impossible) {
            throw Libc.failed(impossible);
        }
    }

    /** One of them is a pipe. */
    static long splice(Scratch scratch, int from, int to, int most) {
        try {
            return Libc.result(scratch, (long) SPLICE.invokeExact(
                    scratch.state,
                    from,
                    MemorySegment.NULL,
                    to,
                    MemorySegment.NULL,
                    (long) most,
                    SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
        } catch (Throwable impossible) {
            throw Libc.failed(impossible);
        }
    }
}
