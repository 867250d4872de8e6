package io.lb4j.simulation;

import io.lb4j.simulation.Conversation.Line;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;

/** Moves the bytes between the engine's sockets and the {@link Wire}s to their peers. */
final class WireWitness implements SimNet.Witness {
    private final Timeline timeline;
    private final Map<InetSocketAddress, Conversation> byClient;

    WireWitness(Timeline timeline, Map<InetSocketAddress, Conversation> byClient) {
        this.timeline = timeline;
        this.byClient = byClient;
    }

    private static Line line(SimSocketChannel channel) {
        return (Line) channel.truth();
    }

    @Override
    public void accepted(SimSocketChannel channel) {
        Conversation one = byClient.get(channel.remote());
        one.acceptedAt = timeline.getAsLong();
        one.client.channel = channel;
        channel.truth(one.client);
    }

    @Override
    public void read(SimSocketChannel channel, ByteBuffer into, int size) {
        Line line = line(channel);
        line.in.take(into, size);
        line.readAt = timeline.getAsLong();
    }

    @Override
    public void wrote(SimSocketChannel channel, ByteBuffer bytes) {
        line(channel).out.put(bytes.slice());
    }

    @Override
    public void writeFailed(SimSocketChannel channel) {
        line(channel).writeFailed = true;
    }

    @Override
    public void ended(SimSocketChannel channel) {
        line(channel).sawEnd = true;
    }
}
