package io.lb4j.benchmarks.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Relays between a port of loopback and some backends in turn, by Netty's native epoll transport. */
public final class NettyRelay implements AutoCloseable {
    /** What its event loops' threads are called. */
    public static final String THREADS = "netty-io";

    private static final int BACKLOG = 4096;

    /** Netty reads 64 KiB at most unless told; with as much as lb4j it is faster. */
    private static final int LARGEST_READ = 256 * 1024;

    private static final int CONNECT_MILLIS = 5000;

    private final EventLoopGroup loops;
    private final Channel listener;

    private NettyRelay(EventLoopGroup loops, Channel listener) {
        this.loops = loops;
        this.listener = listener;
    }

    /** Why it cannot run on this machine; empty when it can. */
    public static Optional<String> missing() {
        return Epoll.isAvailable()
                ? Optional.empty()
                : Optional.of("Netty's native epoll is here for Linux on x86-64 only: "
                        + Epoll.unavailabilityCause().getMessage());
    }

    /** Starts one that accepts when this returns. */
    public static NettyRelay start(List<Integer> backends, int loops) {
        return start(backends, loops, null);
    }

    /**
     * The same, with TLS to its clients.
     *
     * @param tls does TLS for one client; null: clients speak plainly
     */
    public static NettyRelay start(
            List<Integer> backends, int loops, @Nullable Function<ByteBufAllocator, SslHandler> tls) {
        EventLoopGroup group = new EpollEventLoopGroup(loops, new DefaultThreadFactory(THREADS, true));
        Channel listener = listening(group, new Rotation(addresses(backends)), tls)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        return new NettyRelay(group, listener);
    }

    private static List<InetSocketAddress> addresses(List<Integer> ports) {
        return ports.stream()
                .map(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .toList();
    }

    private static ServerBootstrap listening(
            EventLoopGroup group, Rotation rotation, @Nullable Function<ByteBufAllocator, SslHandler> tls) {
        Bootstrap connecting = connecting();
        return new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.RCVBUF_ALLOCATOR, reads())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        if (tls != null) {
                            client.pipeline().addLast(tls.apply(client.alloc()), new HandshakeFirst());
                        }
                        client.pipeline().addLast(new ClientHandler(connecting, rotation));
                    }
                });
    }

    private static Bootstrap connecting() {
        return new Bootstrap()
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RCVBUF_ALLOCATOR, reads());
    }

    private static AdaptiveRecvByteBufAllocator reads() {
        return new AdaptiveRecvByteBufAllocator(512, 2048, LARGEST_READ);
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Stops accepting, ends what is open, and waits for its threads. */
    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
