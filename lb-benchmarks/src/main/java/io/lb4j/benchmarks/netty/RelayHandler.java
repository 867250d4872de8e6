package io.lb4j.benchmarks.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/** One end of a connection: what it reads goes to the other end. */
final class RelayHandler extends ChannelInboundHandlerAdapter {
    /*
     * Reading is on demand: one read, its bytes written and flushed to the other end, and the next read when that end's
     * buffer is below its mark again. An end of stream is passed on after all bytes before it; when both were, the
     * connection is closed. Whatever else ends one end resets the other.
     *
     * Both ends are confined to one event loop.
     */
    private @Nullable Channel channel;
    private @Nullable RelayHandler other;
    private boolean inputEnded;
    private boolean endPassedOn;

    void join(RelayHandler other) {
        this.other = other;
    }

    Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("not registered yet");
        }
        return channel;
    }

    private RelayHandler other() {
        if (other == null) {
            throw new IllegalStateException("not joined yet");
        }
        return other;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        Channel to = other().channel();
        // The void promise reports a failed write to that end's exceptionCaught, without an object for each write.
        to.writeAndFlush(bytes, to.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (other != null && other.channel().isWritable()) {
            context.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (other != null && context.channel().isWritable()) {
            other.channel().read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (isEnd(event)) {
            inputEnded();
        }
    }

    static boolean isEnd(Object event) {
        return event == ChannelInputShutdownEvent.INSTANCE || event == SslCloseCompletionEvent.SUCCESS;
    }

    void inputEnded() {
        // With TLS the end is said, and a FIN follows that says nothing new.
        if (!inputEnded) {
            inputEnded = true;
            // shutdownOutput() drops what is not written yet, so it has to wait for an empty write behind all others.
            other().channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
                if (flushed.isSuccess()) {
                    passEndOn();
                }
            });
        }
    }

    private void passEndOn() {
        endPassedOn = true;
        if (other().endPassedOn) {
            other().channel().close();
            channel().close();
        } else {
            other().endOutput();
        }
    }

    private void endOutput() {
        DuplexChannel ending = (DuplexChannel) channel();
        SslHandler tls = ending.pipeline().get(SslHandler.class);
        if (tls == null) {
            ending.shutdownOutput();
        } else {
            tls.closeOutbound().addListener(said -> ending.shutdownOutput());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (other != null && !(endPassedOn && other.endPassedOn)) {
            abort(other.channel());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        // Before it connects, a backend's end may be polled: in vain, and that is no failure. The connecting one is
        // told otherwise.
        if (other != null) {
            abort(context.channel());
        }
    }

    /** Closes with a reset, so that nobody takes half a stream for a whole one. */
    static void abort(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        }
    }
}
