package io.lb4j.simulation;

import io.lb4j.event.ConnectionSummary;
import io.lb4j.simulation.TlsPlan.BackendPlan;
import io.lb4j.simulation.TlsPlan.Leg;
import io.lb4j.simulation.TlsPlan.TalkPlan;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The truth about one connection of a {@link TlsSimulation}: what its peers did, and what became of it. */
final class Conversation {
    /** One of the engine's sockets, and the peer at its other end. */
    static final class Line {
        private static final long AT_ONCE = TimeUnit.MILLISECONDS.toNanos(900);

        final Speaker peer;

        /** What the engine says, and what it hears. */
        final Wire out;

        final Wire in;
        SimSocketChannel channel;
        boolean sawEnd;
        long readAt;
        private long writtenBefore;
        boolean writeFailed;

        Line(Speaker peer, Wire out, Wire in) {
            this.peer = peer;
            this.out = out;
            this.in = in;
        }

        /** How much was written to the peer since the last question. */
        long newlyWritten() {
            long before = writtenBefore;
            writtenBefore = out.written();
            return writtenBefore - before;
        }

        /** Has read, at once, what is well-formed and must not be taken. */
        boolean wasWrong() {
            boolean allRead = in.read() == in.written() && peer.speech().isSent();
            return peer.plan().isWrong() && peer.wrongSince() >= 0 && allRead && readAt - peer.wrongSince() < AT_ONCE;
        }

        /** How much of the peer's stream the engine has, as far as it has whole records of it. */
        long known() {
            return in.ofStream(in.read());
        }

        /** Whether it knows that nothing follows. */
        boolean knowsEnd() {
            boolean isBare =
                    sawEnd && channel.end().isFinReceived() && peer.plan().isBareEndClean();
            return in.hasNotified() || (isBare && peer.endedAt() >= 0);
        }

        /** Whether its peer's end is one of both directions. */
        boolean closesBoth() {
            boolean isEnd = peer.plan().leg() == Leg.TLS_1_2 && peer.endedAt() >= 0;
            return isEnd || peer.canceledAt() >= 0;
        }

        /** Whether its peer reads to the end, whatever happens. */
        boolean isPatient() {
            PeerPlan script = peer.plan().script();
            return script.readsToTheEndAtOnce()
                    && !script.closesByItself()
                    && !peer.plan().isWrong();
        }

        /** Either was cut off, or does not do what it should. */
        boolean isLost() {
            return writeFailed
                    || channel.end().isResetReceived()
                    || (sawEnd && !knowsEnd())
                    || peer.isFinished()
                    || peer.plan().isWrong()
                    || peer.seen() == HearingTrack.End.CUT;
        }
    }

    /** One attempt to connect to a backend. */
    static final class Attempt {
        final BackendPlan plan;
        final TalkRoute route;
        final Line line;
        boolean established;

        Attempt(BackendPlan plan, TalkRoute route, Line line) {
            this.plan = plan;
            this.route = route;
            this.line = line;
        }
    }

    final int index;
    final TalkPlan plan;
    final InetSocketAddress clientAddress;
    final Line client;
    final List<Attempt> attempts = new ArrayList<>();
    long acceptedAt;

    /** When its client's handshake began at the latest, for the engine. */
    long heardAt;

    /** The attempt that the engine relays to. */
    Attempt relayed;

    boolean opened;
    ConnectionSummary summary;

    Conversation(int index, TalkPlan plan, InetSocketAddress clientAddress, Speaker client, Wire out, Wire in) {
        this.index = index;
        this.plan = plan;
        this.clientAddress = clientAddress;
        this.client = new Line(client, out, in);
    }

    boolean isRelaying() {
        return opened && summary == null && client.channel.isOpen() && relayed.line.channel.isOpen();
    }

    /** The engine has nothing more to do for it. */
    boolean isOver() {
        return summary != null || client.channel == null;
    }

    /** The number of a stream. */
    static int toBackend(int index) {
        return 2 * index;
    }

    static int toClient(int index) {
        return 2 * index + 1;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("connection " + index + " of " + clientAddress);
        text.append("\n  client:  ").append(plan.client()).append(' ').append(plan.reception());
        show(text, client);
        for (Attempt attempt : attempts) {
            text.append("\n  backend: ").append(attempt.plan).append(attempt == relayed ? " (relayed)" : "");
            show(text, attempt.line);
        }
        return text.append("\n  ").append(summary).toString();
    }

    private static void show(StringBuilder text, Line line) {
        text.append("\n    ").append(line.peer).append("\n    engine has ").append(line.known());
        if (line.channel != null) {
            text.append(", interest ")
                    .append(line.channel.interest())
                    .append(' ')
                    .append(line.channel.end());
        }
    }
}
