package io.lb4j.internal.epoll;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.util.Objects;

/**
 * The functions of the C library that the transport calls, and the numbers they take: those of Linux on x86-64 and aarch64,
 * which are the same in glibc and musl. Each returns what the function returns, or the negative {@code errno}; none throws
 * for what the kernel says. Thread-safe, with a {@link Scratch} for each thread.
 */
@SuppressWarnings("restricted")
final class Libc {
    /*
     * The memory handed in is that of a Scratch, which is as large as the function may write, or a buffer's, with a length
     * that is checked against it. None of the calls is `critical`: each may take more than a microsecond, in which the
     * thread could not be stopped for a collection.
     *
     * The linker takes some 40 bytes of heap for a call that captures errno, until it is compiled, and takes them before it
     * is made: what fails for want of them has made no descriptor. Those that must not fail when there is no memory, `close`
     * and `signal`, take numbers alone and capture nothing.
     */
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EBADF = 9;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EEXIST = 17;
    static final int EPIPE = 32;
    static final int EPROTO = 71;
    static final int EAFNOSUPPORT = 97;
    static final int EADDRINUSE = 98;
    static final int EADDRNOTAVAIL = 99;
    static final int ECONNABORTED = 103;
    static final int ECONNRESET = 104;
    static final int EISCONN = 106;
    static final int ENOTCONN = 107;
    static final int ETIMEDOUT = 110;
    static final int ECONNREFUSED = 111;
    static final int EHOSTUNREACH = 113;
    static final int EALREADY = 114;
    static final int EINPROGRESS = 115;

    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_STREAM = 1;
    static final int NONBLOCK = 0x800;
    static final int CLOEXEC = 0x80000;
    static final int MSG_NOSIGNAL = 0x4000;
    static final int SHUT_RD = 0;
    static final int SHUT_WR = 1;

    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLL_CTL_DEL = 2;
    static final int EPOLL_CTL_MOD = 3;
    static final int EPOLLIN = 0x1;
    static final int EPOLLPRI = 0x2;
    static final int EPOLLOUT = 0x4;
    static final int EPOLLERR = 0x8;
    static final int EPOLLHUP = 0x10;
    static final int EPOLLRDHUP = 0x2000;
    static final int EPOLLET = 1 << 31;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final int LONGEST_MESSAGE = 1024;

    private static final MethodHandle SOCKET = of("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SOCKETPAIR = of("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle BIND = of("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle LISTEN = of("listen", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle ACCEPT4 = of("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT = of("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = of("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SETSOCKOPT =
            of("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            of("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle RECV = of("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SEND = of("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SHUTDOWN = of("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE =
            LINKER.downcallHandle(find("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CREATE1 = of("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_CTL = of("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle EPOLL_WAIT = of("epoll_wait", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_WAIT_SILENTLY = LINKER.downcallHandle(
            find("epoll_wait"), FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle EVENTFD = of("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle WRITE =
            LINKER.downcallHandle(find("write"), FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle STRERROR =
            LINKER.downcallHandle(find("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private static final long ADDRESS_OF_ONE =
            Arena.global().allocateFrom(JAVA_LONG, 1).address();

    private Libc() {}

    static MethodHandle of(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                find(name), FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
    }

    static MemorySegment find(String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
    }

    static int socket(Scratch scratch, int domain, int type) {
        try {
            return result(scratch, (int) SOCKET.invokeExact(scratch.state, domain, type, 0));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** The two descriptors are the first numbers of the scratch's value. */
    static int socketpair(Scratch scratch, int domain, int type) {
        try {
            return result(scratch, (int) SOCKETPAIR.invokeExact(scratch.state, domain, type, 0, scratch.value));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** To the address in the scratch. */
    static int bind(Scratch scratch, int fd, int length) {
        try {
            return result(scratch, (int) BIND.invokeExact(scratch.state, fd, scratch.address, length));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    static int listen(Scratch scratch, int fd, int backlog) {
        try {
            return result(scratch, (int) LISTEN.invokeExact(scratch.state, fd, backlog));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** The peer's address comes to be in the scratch; its socket does not block. */
    static int accept4(Scratch scratch, int fd) {
        scratch.length(Scratch.ADDRESS_BYTES);
        try {
            return result(scratch, (int)
                    ACCEPT4.invokeExact(scratch.state, fd, scratch.address, scratch.length, NONBLOCK | CLOEXEC));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** To the address in the scratch. */
    static int connect(Scratch scratch, int fd, int length) {
        try {
            return result(scratch, (int) CONNECT.invokeExact(scratch.state, fd, scratch.address, length));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** The address comes to be in the scratch. */
    static int getsockname(Scratch scratch, int fd) {
        scratch.length(Scratch.ADDRESS_BYTES);
        try {
            return result(scratch, (int) GETSOCKNAME.invokeExact(scratch.state, fd, scratch.address, scratch.length));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** To the first {@code length} bytes of the scratch's value, at most {@link Scratch#VALUE_BYTES}. */
    static int setsockopt(Scratch scratch, int fd, int level, int name, int length) {
        try {
            return result(scratch, (int) SETSOCKOPT.invokeExact(
                    scratch.state, fd, level, name, scratch.value, Math.min(length, Scratch.VALUE_BYTES)));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** It comes to be in the scratch's value. */
    static int getsockopt(Scratch scratch, int fd, int level, int name) {
        scratch.length(Scratch.VALUE_BYTES);
        try {
            return result(scratch, (int)
                    GETSOCKOPT.invokeExact(scratch.state, fd, level, name, scratch.value, scratch.length));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** Into the first {@code length} bytes. */
    static long recv(Scratch scratch, int fd, MemorySegment into, int length) {
        Objects.checkFromIndexSize(0, length, into.byteSize());
        try {
            return result(scratch, (long) RECV.invokeExact(scratch.state, fd, into, (long) length, 0));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** The first {@code length} bytes. */
    static long send(Scratch scratch, int fd, MemorySegment from, int length) {
        Objects.checkFromIndexSize(0, length, from.byteSize());
        try {
            return result(scratch, (long) SEND.invokeExact(scratch.state, fd, from, (long) length, MSG_NOSIGNAL));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    static int shutdown(Scratch scratch, int fd, int how) {
        try {
            return result(scratch, (int) SHUTDOWN.invokeExact(scratch.state, fd, how));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** The descriptor is released whatever the kernel says of it. From any thread, and when there is no memory. */
    static void close(int fd) {
        try {
            var unused = (int) CLOSE.invokeExact(fd);
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    static int epollCreate(Scratch scratch) {
        try {
            return result(scratch, (int) EPOLL_CREATE1.invokeExact(scratch.state, CLOEXEC));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    static int epollCtl(Scratch scratch, int epoll, int operation, int fd, int events, long data) {
        EpollEvents.put(scratch.event, events, data);
        try {
            return result(scratch, (int) EPOLL_CTL.invokeExact(scratch.state, epoll, operation, fd, scratch.event));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** @param millis how long to wait; -1 without end */
    static int epollWait(Scratch scratch, int epoll, EpollEvents events, int millis) {
        try {
            // Without errno, as it is asked so often; if it fails it is asked once more, and says why.
            int count = (int) EPOLL_WAIT_SILENTLY.invokeExact(epoll, events.memory(), EpollEvents.CAPACITY, millis);
            return count >= 0
                    ? count
                    : result(scratch, (int)
                            EPOLL_WAIT.invokeExact(scratch.state, epoll, events.memory(), EpollEvents.CAPACITY, 0));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    static int eventfd(Scratch scratch) {
        try {
            return result(scratch, (int) EVENTFD.invokeExact(scratch.state, 0, NONBLOCK | CLOEXEC));
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** Adds one to an eventfd. From any thread, and when there is no memory. */
    static void signal(int eventfd) {
        try {
            var unused = (long) WRITE.invokeExact(eventfd, ADDRESS_OF_ONE, (long) Long.BYTES);
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    /** What the system calls an error, in the language of the machine, as the JDK has it. */
    static String message(int errno) {
        MemorySegment text;
        try {
            text = ((MemorySegment) STRERROR.invokeExact(errno)).reinterpret(LONGEST_MESSAGE);
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < LONGEST_MESSAGE && text.get(JAVA_BYTE, i) != 0; i++) {
            bytes.write(text.get(JAVA_BYTE, i));
        }
        return bytes.toString(Charset.forName(System.getProperty("native.encoding", "UTF-8")));
    }

    static int result(Scratch scratch, int returned) {
        return returned >= 0 ? returned : -(int) ERRNO.get(scratch.state, 0L);
    }

    static long result(Scratch scratch, long returned) {
        return returned >= 0 ? returned : -(int) ERRNO.get(scratch.state, 0L);
    }

    /** A handle throws what is wrong with the memory it was handed, or that the JVM lacks something. */
    static Error failed(Throwable failure) {
        if (failure instanceof RuntimeException refused) {
            throw refused;
        }
        return failure instanceof Error error ? error : new LinkageError("a call of the C library failed", failure);
    }
}
