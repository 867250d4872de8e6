package io.lb4j.benchmarks.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * Behind the handler that does TLS: whoever comes after this one hears of the client only when the handshake is over, so
 * that no backend is asked for a client who fails in it. A handshake that fails is ended by the handler before.
 */
final class HandshakeFirst extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.read();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            context.fireChannelActive();
            context.pipeline().remove(this);
        }
    }
}
