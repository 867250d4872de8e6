package io.lb4j.benchmarks.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * A client until its backend is connected. Nothing is read before: what the client sends waits in the kernel. Both ends
 * live on the event loop that accepted, so that no byte changes threads.
 */
final class ClientHandler extends ChannelInboundHandlerAdapter {
    private final Bootstrap connecting;
    private final Rotation rotation;

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

    private void relay(Channel client, RelayHandler ofBackend) {
        if (!client.isActive()) {
            RelayHandler.abort(ofBackend.channel());
            return;
        }
        RelayHandler ofClient = new RelayHandler();
        client.pipeline().replace(this, null, ofClient);
        ofClient.join(ofBackend);
        ofBackend.join(ofClient);
        client.read();
        ofBackend.channel().read();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        RelayHandler.abort(context.channel());
    }
}
