package io.lb4j.internal.epoll;

import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.net.ExtendedSocketOptions;

/** Socket options and their numbers (socket(7), tcp(7)). */
final class Options {
    private static final int IPPROTO_TCP = 6;
    private static final int SOL_SOCKET = 1;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int INT_BYTES = 4;
    private static final int LINGER_BYTES = 8;
    private static final int SO_LINGER = 13;

    private record Place(int level, int name) {}

    private static final Map<SocketOption<?>, Place> PLACES = Map.of(
            StandardSocketOptions.SO_REUSEADDR, new Place(SOL_SOCKET, 2),
            StandardSocketOptions.SO_SNDBUF, new Place(SOL_SOCKET, 7),
            StandardSocketOptions.SO_RCVBUF, new Place(SOL_SOCKET, 8),
            StandardSocketOptions.SO_KEEPALIVE, new Place(SOL_SOCKET, 9),
            StandardSocketOptions.SO_LINGER, new Place(SOL_SOCKET, SO_LINGER),
            StandardSocketOptions.SO_REUSEPORT, new Place(SOL_SOCKET, 15),
            StandardSocketOptions.TCP_NODELAY, new Place(IPPROTO_TCP, 1),
            ExtendedSocketOptions.TCP_KEEPIDLE, new Place(IPPROTO_TCP, 4),
            ExtendedSocketOptions.TCP_KEEPINTERVAL, new Place(IPPROTO_TCP, 5),
            ExtendedSocketOptions.TCP_KEEPCOUNT, new Place(IPPROTO_TCP, 6));

    static final Set<SocketOption<?>> OF_SOCKETS = PLACES.keySet();
    static final Set<SocketOption<?>> OF_LISTENERS = Stream.of(
                    StandardSocketOptions.SO_REUSEADDR,
                    StandardSocketOptions.SO_RCVBUF,
                    StandardSocketOptions.SO_REUSEPORT)
            .collect(Collectors.toUnmodifiableSet());

    private Options() {}

    static void set(int fd, SocketOption<?> option, Object value) throws IOException {
        Place place = place(option);
        Scratch scratch = Scratch.get();
        int bytes = INT_BYTES;
        if (option == StandardSocketOptions.SO_LINGER) {
            int seconds = (Integer) value;
            scratch.value(0, seconds >= 0 ? 1 : 0);
            scratch.value(1, Math.max(0, seconds));
            bytes = LINGER_BYTES;
        } else {
            scratch.value(0, value instanceof Boolean on ? (on ? 1 : 0) : (Integer) value);
        }
        Errors.check(Libc.setsockopt(scratch, fd, place.level, place.name, bytes));
    }

    static <T> T get(int fd, SocketOption<T> option) throws IOException {
        Place place = place(option);
        Scratch scratch = Scratch.get();
        Errors.check(Libc.getsockopt(scratch, fd, place.level, place.name));
        Object value;
        if (option == StandardSocketOptions.SO_LINGER) {
            value = scratch.value(0) == 0 ? -1 : scratch.value(1);
        } else if (option.type() == Boolean.class) {
            value = scratch.value(0) != 0;
        } else if (option == StandardSocketOptions.SO_SNDBUF || option == StandardSocketOptions.SO_RCVBUF) {
            // Linux keeps, and tells, twice of what is set (socket(7)); the JDK tells what was.
            value = scratch.value(0) / 2;
        } else {
            value = scratch.value(0);
        }
        return option.type().cast(value);
    }

    /** An IPv6 socket takes IPv4 as well, whatever this machine's default is. */
    static void takeBothFamilies(int fd) throws IOException {
        Scratch scratch = Scratch.get();
        scratch.value(0, 0);
        Errors.check(Libc.setsockopt(scratch, fd, IPPROTO_IPV6, IPV6_V6ONLY, INT_BYTES));
    }

    private static Place place(SocketOption<?> option) {
        Place place = PLACES.get(option);
        if (place == null) {
            throw new UnsupportedOperationException("'" + option + "' not supported");
        }
        return place;
    }
}
