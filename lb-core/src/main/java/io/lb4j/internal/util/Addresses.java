package io.lb4j.internal.util;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of one host, in the order in which they are to be tried: the one that has answered last comes first,
 * whoever it has answered. Thread-safe.
 */
public final class Addresses {
    private final InetAddress[] addresses;

    /** Which of them are this machine's. */
    private final boolean[] own;

    /** The one that has answered last. */
    private volatile int first;

    private Addresses(InetAddress[] addresses) {
        this.addresses = addresses;
        own = new boolean[addresses.length];
        for (int i = 0; i < own.length; i++) {
            own[i] = Hosts.isLocal(addresses[i]);
        }
    }

    /** Finds out which are this machine's, which takes system calls. */
    public static Addresses of(InetAddress... addresses) {
        return new Addresses(addresses);
    }

    /** Begins with the one that the addresses before these began with, if it is still among them. */
    Addresses after(@Nullable Addresses before) {
        if (before != null) {
            prefer(before.get(0, before.first));
        }
        return this;
    }

    public int size() {
        return addresses.length;
    }

    /** The index of the one to begin with, which others may change at any time. */
    public int first() {
        return first;
    }

    /** The address of this rank, 0..{@code size() - 1}, when {@code begin} has rank 0 and the others follow in their order. */
    public InetAddress get(int rank, int begin) {
        return addresses[rank == 0 ? begin : rank <= begin ? rank - 1 : rank];
    }

    /** Whether a connection to this address and port would come back to a listener there. */
    public boolean reaches(InetAddress address, int port, InetSocketAddress listener) {
        return port == listener.getPort()
                && (address.equals(listener.getAddress())
                        || (listener.getAddress().isAnyLocalAddress() && own[indexOf(address)])
                        || (address.isAnyLocalAddress() && own[indexOf(address)]));
    }

    /** The one that this channel is connected to is the first to be tried from now on. */
    public void answered(SocketChannel channel) {
        if (addresses.length > 1) {
            try {
                if (channel.getRemoteAddress() instanceof InetSocketAddress remote) {
                    prefer(remote.getAddress());
                }
            } catch (IOException | RuntimeException | Error unknown) {
                // Then it is no better than the others, and connected all the same.
            }
        }
    }

    private void prefer(InetAddress address) {
        int index = indexOf(address);
        if (index >= 0 && index != first) {
            first = index;
        }
    }

    private int indexOf(InetAddress address) {
        for (int i = 0; i < addresses.length; i++) {
            if (addresses[i].equals(address)) {
                return i;
            }
        }
        return -1;
    }
}
