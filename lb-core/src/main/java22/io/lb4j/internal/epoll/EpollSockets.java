package io.lb4j.internal.epoll;

import io.lb4j.internal.loop.SplicePipe;
import io.lb4j.internal.loop.Splicing;
import io.lb4j.internal.util.Preload;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import org.jspecify.annotations.Nullable;

/**
 * TCP sockets and selectors of Linux without the calls that the JDK's make beside those that are needed: never blocking
 * from the first on, options inherited from the listener, addresses asked for when somebody wants them, one place in the
 * kernel's set for life. For the engine: what it has no use for is not there. Thread-safe.
 */
final class EpollSockets extends SelectorProvider implements Splicing {
    /**
     * With 8, 16 or 32 KiB the CPU of a GB is the same, between a sixth and a third less than with 128 KiB (loopback, Linux
     * 6.18, one to 64 streams): splicing less than a stream brings is cheaper than it seems, copying some of it is not.
     */
    private static final int WORTHWHILE = 32 * 1024;

    private final SelectorProvider jdk = SelectorProvider.provider();

    /** Whether a socket that takes both families is to be had. */
    private final boolean hasIpv6;

    /** Whether bytes can go from socket to socket inside the kernel. */
    private final boolean hasSplice;

    private EpollSockets(boolean hasIpv6, boolean hasSplice) {
        this.hasIpv6 = hasIpv6;
        this.hasSplice = hasSplice;
    }

    /** Whether the user has granted what it takes, so that the JVM does not warn. Called by {@link NativeTransport}. */
    static boolean isGranted() {
        return EpollSockets.class.getModule().isNativeAccessEnabled();
    }

    /**
     * Called by {@link NativeTransport}.
     *
     * @throws IOException when this machine has not what it takes
     */
    static SelectorProvider open() throws IOException {
        Preload.classes(
                ConnectableSocket.class,
                EpollChannel.class,
                EpollEvents.class,
                EpollKey.class,
                EpollPipe.class,
                EpollSelector.class,
                EpollServerSocketChannel.class,
                EpollSocketChannel.class,
                Errors.class,
                HotKeys.class,
                Libc.class,
                Options.class,
                PipeCalls.class,
                Scratch.class,
                SocketAddresses.class);
        Probe.run();
        return new EpollSockets(jdkHasIpv6(), Probe.canSplice());
    }

    /** The JDK looks at the machine and at its own settings. */
    private static boolean jdkHasIpv6() throws IOException {
        try {
            SelectorProvider.provider()
                    .openSocketChannel(StandardProtocolFamily.INET6)
                    .close();
            return true;
        } catch (UnsupportedOperationException noIpv6) {
            return false;
        }
    }

    private int family() {
        return hasIpv6 ? Libc.AF_INET6 : Libc.AF_INET;
    }

    private int family(ProtocolFamily family) {
        if (family == StandardProtocolFamily.INET) {
            return Libc.AF_INET;
        }
        if (family != StandardProtocolFamily.INET6 || !hasIpv6) {
            throw new UnsupportedOperationException("Protocol family not supported");
        }
        return Libc.AF_INET6;
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return EpollSocketChannel.open(this, family());
    }

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
        return EpollSocketChannel.open(this, family(family));
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return EpollServerSocketChannel.open(this, family());
    }

    @Override
    public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
        return EpollServerSocketChannel.open(this, family(family));
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        return EpollSelector.open(this);
    }

    /** A new TCP socket, which never blocks; one of IPv6 takes IPv4 as well. */
    static int socket(int family) throws IOException {
        int fd = Libc.socket(Scratch.get(), family, Libc.SOCK_STREAM | Libc.NONBLOCK | Libc.CLOEXEC);
        if (fd == -Libc.EAFNOSUPPORT) {
            throw new UnsupportedOperationException("Protocol family not supported");
        }
        Errors.check(fd);
        if (family == Libc.AF_INET6) {
            try {
                Options.takeBothFamilies(fd);
            } catch (Throwable failure) {
                Libc.close(fd);
                throw failure;
            }
        }
        return fd;
    }

    // ---- from socket to socket

    @Override
    public @Nullable SplicePipe openPipeOfKernel() {
        return hasSplice ? EpollPipe.open() : null;
    }

    @Override
    public int worthwhile() {
        return WORTHWHILE;
    }

    // ---- the JDK's

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        return jdk.openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        return jdk.openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
        return jdk.openPipe();
    }
}
