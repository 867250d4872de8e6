package io.lb4j.internal.epoll;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketException;

/** What the JDK's channels throw for an error of the kernel, in type and words. */
final class Errors {
    private Errors() {}

    /** Throws what {@link #ofSocket} makes of it, if the kernel said no. */
    static void check(int returned) throws IOException {
        if (returned < 0) {
            throw ofSocket(returned);
        }
    }

    /** Of a call that made, named or connected a socket. */
    static IOException ofSocket(long negativeErrno) {
        int errno = (int) -negativeErrno;
        String message = Libc.message(errno);
        return switch (errno) {
            case Libc.EPROTO -> new ProtocolException(message);
            case Libc.ECONNREFUSED, Libc.ETIMEDOUT, Libc.ENOTCONN -> new ConnectException(message);
            case Libc.EHOSTUNREACH -> new NoRouteToHostException(message);
            case Libc.EADDRINUSE, Libc.EADDRNOTAVAIL, Libc.EACCES, Libc.EPERM -> new BindException(message);
            default -> new SocketException(message);
        };
    }

    /** Of a call that moved bytes, or accepted. */
    static IOException ofTransfer(long negativeErrno) {
        return new IOException(Libc.message((int) -negativeErrno));
    }

    /** A peer that was read from has reset the connection. */
    static SocketException reset() {
        return new SocketException("Connection reset");
    }
}
