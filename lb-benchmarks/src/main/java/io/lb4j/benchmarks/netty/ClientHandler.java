package io.lb4j.benchmarks.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;

/**
 * A client until its backend is connected. Nothing is read before: what the client sends waits in the kernel, unless it
 * came in one piece with the end of a handshake. Both ends live on the event loop that accepted, so that no byte changes
 * threads.
 */
final class ClientHandler extends ChannelInboundHandlerAdapter {
    private final Bootstrap connecting;
    private final Rotation rotation;
    private final List<Object> early = new ArrayList<>(0);
    private boolean ended;

    ClientHandler(Bootstrap connecting, Rotation rotation) {
        this.connecting = connecting;
        this.rotation = rotation;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Channel client = context.channel();
        RelayHandler ofBackend = new RelayHandler();
        connecting
                .clone(client.eventLoop())
                .handler(ofBackend)
                .connect(rotation.next())
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        relay(client, ofBackend);
                    } else {
                        RelayHandler.abort(client);
                    }
                });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        early.add(bytes);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        ended |= RelayHandler.isEnd(event);
    }

    private void relay(Channel client, RelayHandler ofBackend) {
        if (!client.isActive()) {
            RelayHandler.abort(ofBackend.channel());
            return;
        }
        RelayHandler ofClient = new RelayHandler();
        client.pipeline().replace(this, null, ofClient);
        ofClient.join(ofBackend);
        ofBackend.join(ofClient);
        early.forEach(ofBackend.channel()::writeAndFlush);
        early.clear();
        if (ended) {
            ofClient.inputEnded();
        }
        client.read();
        ofBackend.channel().read();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        early.forEach(ReferenceCountUtil::release);
        early.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        RelayHandler.abort(context.channel());
    }
}
