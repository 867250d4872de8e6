package io.lb4j.simulation;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.simulation.SimPeer.End;

/** What became of a connection, against what its two peers did: the contract, seen from outside. */
final class FinalJudgement {
    /** What a send buffer of the least size can hold when it counts as writable: not told apart from delivered. */
    private static final int UNSEEN_BY_THE_ENGINE = TcpEnd.LEAST_SEND_BUFFER * 2 / 3;

    private final Plan plan;
    private final Verdict verdict;

    FinalJudgement(Plan plan, Verdict verdict) {
        this.plan = plan;
        this.verdict = verdict;
    }

    /**
     * Judges one connection.
     *
     * @param disturbed the proxy was closed or drained, or stood still for a while: then connections can have ended
     *     before they had what was due to them
     * @param victim an injected error struck this connection, which may have ended it at any point
     */
    void judge(Talk talk, boolean disturbed, boolean victim) {
        SimPeer backend = talk.backend();
        if (backend == null) {
            verdict.require(talk.client.received() == 0, "bytes from nowhere", talk);
            verdict.require(talk.client.seen() != End.EOF, "never connected, and yet a clean end", talk);
        } else {
            noSilentTruncation(talk, talk.client, backend);
            noSilentTruncation(talk, backend, talk.client);
        }
        for (Talk.Attempt attempt : talk.attempts) {
            boolean used = attempt == talk.relayed;
            verdict.require(used || attempt.peer.received() == 0, "a backend that was given up got bytes", talk);
        }
        if (talk.summary != null && !victim) {
            judge(talk, talk.summary, disturbed);
        }
        if (plan.isBenign(talk.plan) && !disturbed && !victim) {
            verdict.require(
                    talk.summary != null && talk.summary.reason() == CloseReason.COMPLETED,
                    "nothing went wrong, and yet it did not complete",
                    talk);
        }
    }

    /** A clean end is seen only after all that was sent before a clean end. */
    private void noSilentTruncation(Talk talk, SimPeer receiver, SimPeer sender) {
        verdict.require(receiver.received() <= sender.sent(), "received more than was sent", talk);
        if (receiver.seen() == End.EOF) {
            verdict.require(
                    sender.endedAt() == receiver.received(), "a clean end that is none: silent truncation", talk);
        }
    }

    private void judge(Talk talk, ConnectionSummary summary, boolean disturbed) {
        verdict.require(summary.attempts() == talk.attempts.size(), "wrong number of attempts", talk);
        verdict.require(summary.bytesToBackend() == talk.toBackend.written, "wrong bytes to backend", talk);
        verdict.require(summary.bytesToClient() == talk.toClient.written, "wrong bytes to client", talk);
        verdict.require(talk.opened == (talk.relayed != null), "opened is not told of what was opened", talk);
        switch (summary.reason()) {
            case COMPLETED -> completed(talk);
            case CLIENT_RESET -> lost(talk, talk.client, disturbed);
            case BACKEND_RESET -> lost(talk, talk.backend(), disturbed);
            default -> {}
        }
    }

    private void completed(Talk talk) {
        SimPeer backend = talk.backend();
        verdict.require(
                backend.endedAt() == talk.toClient.written && talk.client.endedAt() == talk.toBackend.written,
                "completed, but not complete",
                talk);
        verdict.require(talk.client.seen() != End.RESET && backend.seen() != End.RESET, "completed, but reset", talk);
    }

    /** A side was lost: it must have been its own doing, and the other side must know what it can of it. */
    private void lost(Talk talk, SimPeer lost, boolean disturbed) {
        SimPeer other = lost == talk.client ? talk.backend() : talk.client;
        Talk.Side side = lost == talk.client ? talk.accepted : talk.relayed.side;
        verdict.require(side.channel.end().isResetReceived() && lost.end().isClosed(), "was not lost", talk);
        if (other == null) {
            // Seen to be gone before a backend was asked for.
            return;
        }
        boolean patient = plan.isSwift(lost.plan(), other.plan());
        if (disturbed
                || !patient
                || !other.plan().readsToTheEndAtOnce()
                || other.plan().closesByItself()) {
            return;
        }
        long reachedUs = side.channel.end().received();
        if (side.channel.end().isFinReceived()) {
            verdict.require(other.seen() == End.EOF, "a reset after a clean end took it away", talk);
        } else {
            verdict.require(other.seen() == End.RESET, "a reset was not passed on", talk);
            verdict.require(
                    other.received() >= reachedUs - UNSEEN_BY_THE_ENGINE,
                    "bytes before a reset were not delivered",
                    talk);
        }
    }
}
