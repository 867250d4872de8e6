package io.lb4j.simulation;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.simulation.Conversation.Attempt;
import io.lb4j.simulation.Conversation.Line;
import io.lb4j.simulation.Speaker.End;
import io.lb4j.simulation.TlsPlan.Leg;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What must not be in a run of {@link TlsSimulation}, whatever its engine is made of. */
final class TlsOracles {
    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(50);

    /** What a send buffer of the least size can hold when it counts as writable, and a record that is not whole in it. */
    private static final int UNSEEN = TcpEnd.LEAST_SEND_BUFFER * 2 / 3 + ToyRecord.LARGEST;

    private final TlsPlan plan;
    private final Timeline timeline;
    private final Verdict verdict;
    private final Exits exits;
    private final List<Conversation> conversations;
    private boolean closing;
    private boolean draining;
    private long lost;
    private int struckDown;

    TlsOracles(TlsPlan plan, SimHost host, List<Conversation> conversations) {
        this.plan = plan;
        timeline = host.timeline;
        verdict = host.verdict;
        exits = host.exits;
        this.conversations = conversations;
    }

    void closing() {
        closing = true;
    }

    void draining() {
        draining = true;
    }

    void lost(long nanos) {
        lost += nanos;
    }

    // ---- while every loop waits: then nothing is left that could be done

    void whileLoopsWait() {
        if (plan.settings().bandwidth() > 0 || exits.hasStruck()) {
            return;
        }
        for (Conversation one : conversations) {
            if (one.isRelaying()) {
                checkNothingToDo(one, one.client, one.relayed.line);
                checkNothingToDo(one, one.relayed.line, one.client);
            }
        }
    }

    private void checkNothingToDo(Conversation one, Line source, Line sink) {
        boolean isTold = sink.channel.end().isAllSent() && sink.peer.isListening();
        boolean closesBoth = sink.peer.plan().leg() == Leg.TLS_1_2 && sink.peer.endedAt() >= 0;
        if (!isTold || closesBoth || sink.isLost() || source.isLost()) {
            return;
        }
        verdict.require(sink.peer.speech().heard() == source.known(), "bytes wait although they could be written", one);
        verdict.require(
                source.knowsEnd() || source.sawEnd || !source.channel.end().isReadable(), "bytes wait to be read", one);
        verdict.require(!source.knowsEnd() || sink.peer.seen() == End.CLEAN, "an end was not passed on", one);
    }

    // ---- what listeners are told

    void closed(Conversation one, ConnectionSummary summary) {
        verdict.require(one.summary == null, "closed twice", one);
        one.summary = summary;
        Duration age = Duration.ofNanos(timeline.getAsLong() - one.acceptedAt + SLACK);
        TlsPlan.Settings settings = plan.settings();
        switch (summary.reason()) {
            case COMPLETED -> {}
            case CLIENT_RESET -> requireLost(one, one.client);
            case BACKEND_RESET -> requireLost(one, one.relayed.line);
            case CLIENT_TRUNCATED -> requireTruncated(one, one.client);
            case BACKEND_TRUNCATED -> requireTruncated(one, one.relayed.line);
            case CLIENT_TLS_FAILED -> verdict.require(one.client.peer.plan().isWrong(), "nothing was wrong", one);
            case BACKEND_TLS_FAILED ->
                verdict.require(one.relayed.line.peer.plan().isWrong(), "nothing was wrong", one);
            case PREFACE_INVALID, TLS_HANDSHAKE_FAILED, CONNECT_FAILED, NO_BACKEND ->
                verdict.require(
                        !one.plan.mustComplete() || !plan.isCalm() || exits.hasStruck(), "nothing was wrong", one);
            case PREFACE_TIMEOUT -> requireOld(one, age, settings.preface());
            case TLS_HANDSHAKE_TIMEOUT -> requireTimeout(one, settings.handshake());
            case IDLE_TIMEOUT -> requireOld(one, age, settings.idle());
            case HALF_CLOSED_TIMEOUT -> requireOld(one, age, settings.halfClosed());
            case STALL_TIMEOUT -> requireOld(one, age, settings.stall());
            case LOCAL_SHORTAGE ->
                verdict.require(settings.bufferedBytes() < 1 << 20 || exits.hasStruck(), "nothing was short", one);
            case DRAIN_DEADLINE -> verdict.require(draining, "nobody drained the proxy", one);
            case BALANCER_CLOSED -> verdict.require(closing, "nobody closed the proxy", one);
            case BACKEND_DRAINED -> verdict.require(!plan.isCalm(), "nobody took the backend out", one);
            default ->
                verdict.require(exits.hasStruck(), "ended for no reason", Exits.trace(summary.cause()) + "\n" + one);
        }
    }

    private void requireLost(Conversation one, Line lost) {
        boolean closesBoth = lost.peer.plan().leg() == Leg.TLS_1_2 && lost.peer.endedAt() >= 0;
        verdict.require(
                closesBoth
                        || (lost.channel.end().isResetReceived()
                                && lost.peer.end().isClosed()),
                "was not lost",
                one);
    }

    private void requireTruncated(Conversation one, Line cut) {
        verdict.require(cut.peer.endedAt() < 0 && cut.channel.end().isFinReceived(), "was not truncated", one);
    }

    private void requireOld(Conversation one, Duration age, Duration timeout) {
        verdict.require(age.compareTo(timeout) >= 0, "timed out too early", one);
    }

    private void requireTimeout(Conversation one, Duration timeout) {
        long late = timeline.getAsLong() - one.heardAt - timeout.toNanos();
        verdict.require(late >= -lost - SLACK && late <= lost + SLACK, "timed out " + late + " ns after its time", one);
    }

    // ---- at the end

    /** No event is left, so whatever is not over never will be. */
    void nothingMoreHappens() {
        for (Conversation one : conversations) {
            verdict.require(one.client.peer.isFinished(), "a client never ends", one);
            verdict.require(one.isOver() || exits.hasStruck(), "a connection never ends", one);
            for (Attempt attempt : one.attempts) {
                verdict.require(!attempt.established || attempt.line.peer.isFinished(), "a backend never ends", one);
                verdict.require(attempt.route.wasReleased(), "a route was not released", one);
            }
            judge(one);
        }
        verdict.require(struckDown <= 1, "one error, and two connections suffer", struckDown);
    }

    private void judge(Conversation one) {
        for (Attempt attempt : one.attempts) {
            boolean used = attempt == one.relayed;
            verdict.require(
                    used || attempt.line.peer.speech().heard() == 0, "a backend that was given up got bytes", one);
            verdict.require(
                    used || attempt.line.peer.seen() != End.CLEAN || !hasBegun(attempt),
                    "a clean end for nothing",
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
        }
        boolean isComplete = one.summary != null && one.summary.reason() == CloseReason.COMPLETED;
        if (plan.isCalm() && one.plan.mustComplete() && !isComplete) {
            verdict.require(exits.hasStruck(), "nothing went wrong, and yet it did not complete", one);
            struckDown++;
        }
    }

    /** Plain backends are dialled and may be given up by an end of stream; one of TLS has to be told that nothing follows. */
    private static boolean hasBegun(Attempt attempt) {
        return attempt.plan.side().leg().isTls();
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
        verdict.require(client.seen() != End.CUT && backend.seen() != End.CUT, "completed, but cut off", one);
    }

    /** One side was lost: the other side must know what it can of it. */
    private void lost(Conversation one, Line lost, Line other) {
        boolean isPatient = other.peer.plan().script().readsToTheEndAtOnce()
                && !other.peer.plan().script().closesByItself()
                && !other.peer.plan().isWrong();
        boolean isCutToo = other.sawEnd && !other.knowsEnd();
        boolean closesBoth = other.peer.plan().leg() == Leg.TLS_1_2 && other.peer.endedAt() >= 0;
        if (!plan.isCalm() || !isPatient || isCutToo || closesBoth) {
            return;
        }
        if (lost.knowsEnd() && lost.peer.plan().isWrong()) {
            // By what came first.
            return;
        }
        if (lost.knowsEnd()) {
            verdict.require(other.peer.seen() == End.CLEAN, "a reset after a clean end took it away", one);
        } else {
            verdict.require(other.peer.seen() == End.CUT, "a cut was not passed on", one);
            long reachedUs = lost.in.ofStream(lost.channel.end().received());
            boolean isSlow = plan.settings().bandwidth() > 0;
            verdict.require(
                    isSlow || other.peer.speech().heard() >= reachedUs - UNSEEN,
                    "bytes before a cut were not delivered",
                    one);
        }
    }
}
