package io.lb4j.internal.epoll;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Whether the calls that the transport makes are to be had: a filter (seccomp(2)) or another C library may lack some. */
final class Probe {
    private static final int SLOT = 7;

    /** A method handle is specialised after 127 calls (java.lang.invoke.MethodHandle.CUSTOMIZE_THRESHOLD). */
    private static final int TIMES = 150;

    private Probe() {}

    /** Sends a byte to itself, by way of an epoll. */
    static void run() throws IOException {
        Scratch scratch = Scratch.get();
        ByteBuffer buffer = ByteBuffer.allocateDirect(1);
        callEachInVain(scratch, buffer);
        checked("socketpair", Libc.socketpair(scratch, Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.NONBLOCK | Libc.CLOEXEC));
        int one = scratch.value(0);
        int other = scratch.value(1);
        int epoll = -1;
        int event = -1;
        try (EpollEvents events = new EpollEvents()) {
            epoll = checked("epoll_create1", Libc.epollCreate(scratch));
            event = checked("eventfd", Libc.eventfd(scratch));
            Libc.signal(event);
            checked("send", Libc.send(scratch, one, scratch.remaining(buffer), 1));
            int what = Libc.EPOLLIN | Libc.EPOLLRDHUP | Libc.EPOLLET;
            checked("epoll_ctl", Libc.epollCtl(scratch, epoll, Libc.EPOLL_CTL_ADD, other, what, SLOT));
            int count = checked("epoll_wait", Libc.epollWait(scratch, epoll, events, 0));
            if (count != 1 || events.events(0) != Libc.EPOLLIN || events.data(0) != SLOT) {
                throw new IOException("epoll_wait tells something else");
            }
            checked("recv", Libc.recv(scratch, other, scratch.remaining(buffer), 1));
            checked("shutdown", Libc.shutdown(scratch, other, Libc.SHUT_WR));
        } finally {
            close(one, other, epoll, event);
        }
        // Its text is asked for where one connection has failed already.
        Libc.message(Libc.EAGAIN);
    }

    /**
     * What is called for the first time is linked then, and after so many times made anew, both of which need memory: not
     * in a shortage, then.
     */
    private static void callEachInVain(Scratch scratch, ByteBuffer buffer) {
        for (int i = 0; i < TIMES; i++) {
            Libc.socket(scratch, -1, 0);
            Libc.bind(scratch, -1, 0);
            Libc.listen(scratch, -1, 0);
            Libc.accept4(scratch, -1);
            Libc.connect(scratch, -1, 0);
            Libc.getsockname(scratch, -1);
            Libc.setsockopt(scratch, -1, 0, 0, 0);
            Libc.getsockopt(scratch, -1, 0, 0);
            Libc.recv(scratch, -1, scratch.remaining(buffer), 0);
            Libc.send(scratch, -1, scratch.remaining(buffer), 0);
            Libc.shutdown(scratch, -1, 0);
            Libc.epollCtl(scratch, -1, 0, -1, 0, 0);
            Libc.signal(-1);
            Libc.close(-1);
        }
    }

    /** Whether a byte goes from one socket to another by way of a pipe. */
    static boolean canSplice() throws IOException {
        Scratch scratch = Scratch.get();
        for (int i = 0; i < TIMES; i++) {
            PipeCalls.splice(scratch, -1, -1, 0);
            PipeCalls.setPipeSize(scratch, -1, 0);
        }
        checked("socketpair", Libc.socketpair(scratch, Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.NONBLOCK | Libc.CLOEXEC));
        int one = scratch.value(0);
        int other = scratch.value(1);
        EpollPipe pipe = null;
        try {
            pipe = EpollPipe.open();
            ByteBuffer buffer = ByteBuffer.allocateDirect(1);
            boolean sent = Libc.send(scratch, one, scratch.remaining(buffer), 1) == 1;
            return sent && pipe != null && pipe.passes(other);
        } finally {
            close(one, other);
            if (pipe != null) {
                pipe.close();
            }
        }
    }

    private static int checked(String call, long returned) throws IOException {
        if (returned < 0) {
            throw new IOException(call + ": " + Libc.message((int) -returned));
        }
        return (int) returned;
    }

    private static void close(int... descriptors) {
        for (int fd : descriptors) {
            if (fd >= 0) {
                Libc.close(fd);
            }
        }
    }
}
