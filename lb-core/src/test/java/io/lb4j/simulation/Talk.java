package io.lb4j.simulation;

import io.lb4j.event.ConnectionSummary;
import io.lb4j.simulation.Plan.BackendPlan;
import io.lb4j.simulation.Plan.TalkPlan;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The truth about one connection: what the client and the backends did, and what the engine was seen to do with it. */
final class Talk {
    /** One direction, as the engine handled it. */
    static final class Stream {
        final int number;
        long read;
        long written;
        long progressAt;
        boolean sinkLost;

        Stream(int number) {
            this.number = number;
        }

        /** Bytes that the engine has read and not yet written. */
        long held() {
            return sinkLost ? 0 : read - written;
        }
    }

    /** One of the engine's two sockets. */
    static final class Side {
        final Talk talk;
        final SimSocketChannel channel;
        final Stream in;
        final Stream out;
        boolean sawEnd;
        boolean sawCleanEnd;

        Side(Talk talk, SimSocketChannel channel, Stream in, Stream out) {
            this.talk = talk;
            this.channel = channel;
            this.in = in;
            this.out = out;
        }

        boolean isLive() {
            return channel.isOpen() && channel.end() != null && !channel.end().isClosed();
        }
    }

    /** One attempt to connect to a backend. */
    static final class Attempt {
        final BackendPlan plan;
        final SimPeer peer;
        final TalkRoute route;
        Side side;
        boolean established;

        Attempt(BackendPlan plan, SimPeer peer, TalkRoute route) {
            this.plan = plan;
            this.peer = peer;
            this.route = route;
        }
    }

    final int index;
    final TalkPlan plan;
    final InetSocketAddress clientAddress;
    final SimPeer client;
    final Stream toBackend;
    final Stream toClient;
    final List<Attempt> attempts = new ArrayList<>();

    Side accepted;
    long acceptedAt;
    long movedAt;

    /** The attempt that the engine relays to. */
    Attempt relayed;

    /** It was closed at once, and nobody was told of it. */
    boolean unserved;

    boolean opened;
    ConnectionSummary summary;

    Talk(int index, TalkPlan plan, InetSocketAddress clientAddress, SimPeer client) {
        this.index = index;
        this.plan = plan;
        this.clientAddress = clientAddress;
        this.client = client;
        toBackend = new Stream(2 * index);
        toClient = new Stream(2 * index + 1);
    }

    boolean isAccepted() {
        return accepted != null;
    }

    /** The backend's end of what is relayed; null when there is none. */
    SimPeer backend() {
        return relayed == null ? null : relayed.peer;
    }

    boolean isRelaying() {
        return relayed != null && summary == null && accepted.isLive() && relayed.side.isLive();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("talk " + index + "\n  client:  " + plan.client() + "\n    " + client);
        attempts.forEach(attempt -> text.append("\n  backend: ")
                .append(attempt.plan)
                .append(attempt == relayed ? " (relayed)" : "")
                .append("\n    ")
                .append(attempt.peer));
        text.append("\n  engine: to backend read ")
                .append(toBackend.read)
                .append(" wrote ")
                .append(toBackend.written);
        text.append(", to client read ").append(toClient.read).append(" wrote ").append(toClient.written);
        if (accepted != null) {
            text.append("\n    client side ").append(accepted.channel.end());
        }
        if (relayed != null) {
            text.append("\n    backend side ").append(relayed.side.channel.end());
        }
        return text.append("\n  ").append(summary).toString();
    }
}
