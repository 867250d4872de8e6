package io.lb4j.internal.epoll;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Whether the calls that the transport makes are to be had: a filter (seccomp(2)) or another C library may lack some. */
final class Probe {
    private static final int SLOT = 7;

    private Probe() {}

    /** Sends a byte to itself, by way of an epoll. */
    static void run() throws IOException {
        Scratch scratch = Scratch.get();
        checked("socketpair", Libc.socketpair(scratch, Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.NONBLOCK | Libc.CLOEXEC));
        int one = scratch.value(0);
        int other = scratch.value(1);
        int epoll = -1;
        int event = -1;
        ByteBuffer buffer = ByteBuffer.allocateDirect(1);
        try {
            epoll = checked("epoll_create1", Libc.epollCreate(scratch));
            event = checked("eventfd", Libc.eventfd(scratch));
            checked("write", Libc.signal(scratch, event));
            EpollEvents events = new EpollEvents();
            long address = scratch.addressOf(buffer);
            checked("send", Libc.send(scratch, one, address, 1));
            int what = Libc.EPOLLIN | Libc.EPOLLRDHUP | Libc.EPOLLET;
            checked("epoll_ctl", Libc.epollCtl(scratch, epoll, Libc.EPOLL_CTL_ADD, other, what, SLOT));
            int count = checked("epoll_wait", Libc.epollWait(scratch, epoll, events, 0));
            if (count != 1 || events.events(0) != Libc.EPOLLIN || events.data(0) != SLOT) {
                throw new IOException("epoll_wait tells something else");
            }
            checked("recv", Libc.recv(scratch, other, address, 1));
            checked("shutdown", Libc.shutdown(scratch, other, Libc.SHUT_WR));
        } finally {
            Reference.reachabilityFence(buffer);
            close(scratch, one, other, epoll, event);
        }
        // Its text is asked for where one connection has failed already.
        Libc.message(Libc.EAGAIN);
    }

    private static int checked(String call, long returned) throws IOException {
        if (returned < 0) {
            throw new IOException(call + ": " + Libc.message((int) -returned));
        }
        return (int) returned;
    }

    private static void close(Scratch scratch, int... descriptors) {
        for (int fd : descriptors) {
            if (fd >= 0) {
                Libc.close(scratch, fd);
            }
        }
    }
}
