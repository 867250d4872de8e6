package io.lb4j.simulation;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.simulation.Conversation.Attempt;
import io.lb4j.simulation.Conversation.Line;
import io.lb4j.simulation.HearingTrack.End;

/** What became of a connection of a {@link TlsSimulation}, against what its two peers did. */
final class TlsJudgement {
    /** What a send buffer of the least size can hold when it counts as writable: not told apart from delivered. */
    private static final int UNSEEN = TcpEnd.LEAST_SEND_BUFFER * 2 / 3;

    private final TlsPlan plan;
    private final Verdict verdict;
    private final Exits exits;
    private int suffering;

    TlsJudgement(TlsPlan plan, Verdict verdict, Exits exits) {
        this.plan = plan;
        this.verdict = verdict;
        this.exits = exits;
    }

    /** Judges one connection. */
    void judge(Conversation one) {
        for (Attempt attempt : one.attempts) {
            boolean used = attempt == one.relayed;
            verdict.require(
                    used || attempt.line.peer.speech().heard() == 0, "a backend that was given up got bytes", one);
            verdict.require(
                    used
                            || attempt.line.peer.seen() != End.CLEAN
                            || !attempt.plan.side().leg().isTls(),
                    "a clean end of nothing",
                    one);
        }
        if (one.relayed == null) {
            verdict.require(one.client.peer.seen() != End.CLEAN, "never connected, and yet a clean end", one);
        } else {
            noSilentTruncation(one, one.client.peer, one.relayed.line.peer);
            noSilentTruncation(one, one.relayed.line.peer, one.client.peer);
        }
        if (one.summary != null && !exits.hasStruck()) {
            judge(one, one.summary);
            requireAlert(one);
        }
        boolean isComplete = one.summary != null && one.summary.reason() == CloseReason.COMPLETED;
        if (plan.isCalm() && one.plan.mustComplete() && !isComplete) {
            verdict.require(exits.hasStruck(), "nothing went wrong, and yet it did not complete", one);
            suffering++;
            verdict.require(suffering <= 1, "one error, and two connections suffer", one);
        }
    }

    /** A client that is not wanted is told so where the kernel has room for it, and nothing takes that away from it. */
    private void requireAlert(Conversation one) {
        boolean hasRoom = plan.chances().shortTransfers() == 0
                && plan.chances().zeroWrites() == 0
                && one.plan.client().script().engineBuffer() > 1000;
        boolean isRefused = one.plan.reception() == TlsPlan.Reception.REFUSES
                && one.plan.client().leg().isTls()
                && one.plan.client().manner() == TlsPlan.Manner.GOOD;
        verdict.require(
                !isRefused
                        || !hasRoom
                        || !plan.isCalm()
                        || one.client.peer.how().equals("alert"),
                "refused, and not told",
                one);
    }

    /** A clean end is seen only after all that was sent before a clean end. */
    private void noSilentTruncation(Conversation one, Speaker receiver, Speaker sender) {
        verdict.require(receiver.speech().heard() <= sender.speech().said(), "heard more than was said", one);
        if (receiver.seen() == End.CLEAN && !receiver.isOnlyAnswered()) {
            verdict.require(
                    sender.endedAt() == receiver.speech().heard(), "a clean end that is none: silent truncation", one);
        }
        boolean bare = receiver.seen() == End.CUT && receiver.how().equals("bare FIN");
        verdict.require(!bare, "the end of a stream over TLS that nobody has announced", one);
    }

    private void judge(Conversation one, ConnectionSummary summary) {
        verdict.require(summary.attempts() == one.attempts.size(), "wrong number of attempts", one);
        verdict.require(one.opened == (one.relayed != null), "opened is not told of what was opened", one);
        if (one.relayed == null) {
            verdict.require(summary.bytesToBackend() + summary.bytesToClient() == 0, "bytes to nobody", one);
            return;
        }
        requireCount(one, summary.bytesToBackend(), one.client, one.relayed.line);
        requireCount(one, summary.bytesToClient(), one.relayed.line, one.client);
        switch (summary.reason()) {
            case COMPLETED -> completed(one, summary);
            case CLIENT_RESET, CLIENT_TRUNCATED, CLIENT_TLS_FAILED -> lost(one, one.client, one.relayed.line);
            case BACKEND_RESET, BACKEND_TRUNCATED, BACKEND_TLS_FAILED -> lost(one, one.relayed.line, one.client);
            default -> {}
        }
    }

    /** What is in a record that is not whole may count, as far as there is room for it. */
    private void requireCount(Conversation one, long count, Line source, Line sink) {
        verdict.require(count <= source.known(), "more bytes are counted than there were", one);
        verdict.require(count <= sink.out.written(), "more bytes are counted than were written", one);
    }

    private void completed(Conversation one, ConnectionSummary summary) {
        Speaker client = one.client.peer;
        Speaker backend = one.relayed.line.peer;
        verdict.require(
                summary.bytesToBackend() == client.endedAt() && summary.bytesToClient() == backend.endedAt(),
                "completed, but not complete",
                one);
        verdict.require(!wasCutOff(client) && !wasCutOff(backend), "completed, but cut off", one);
    }

    /** Who has ended his stream within his handshake does not look at what comes. */
    private static boolean wasCutOff(Speaker peer) {
        return peer.seen() == End.CUT && peer.speech().isThrough();
    }

    /** One side was lost: the other side must know what it can of it. */
    private void lost(Conversation one, Line lost, Line other) {
        boolean isCutToo = other.sawEnd && !other.knowsEnd();
        boolean isMixed = lost.knowsEnd() && lost.peer.plan().isWrong();
        if (!plan.isCalm() || !other.isPatient() || isCutToo || isMixed || other.closesBoth()) {
            return;
        }
        if (lost.knowsEnd()) {
            verdict.require(other.peer.seen() == End.CLEAN, "a reset after a clean end took it away", one);
        } else {
            verdict.require(other.peer.seen() == End.CUT, "a cut was not passed on", one);
            long reachedUs = lost.in.ofStream(lost.channel.end().received());
            boolean isSlow = plan.settings().bandwidth() > 0;
            int record = plan.settings().record() == 0
                    ? ToyRecord.LARGEST
                    : 2 * plan.settings().record();
            int unseen = UNSEEN + (other.peer.plan().leg().isTls() ? record : 0);
            verdict.require(
                    isSlow || other.peer.speech().heard() >= reachedUs - unseen,
                    "bytes before a cut were not delivered",
                    one);
        }
    }
}
