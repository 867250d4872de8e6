package io.lb4j.simulation;

import io.lb4j.event.ConnectionSummary;
import io.lb4j.simulation.Conversation.Attempt;
import io.lb4j.simulation.Conversation.Line;
import io.lb4j.simulation.HearingTrack.End;
import io.lb4j.simulation.TlsPlan.Leg;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What must not be in a run of {@link TlsSimulation}, whatever its engine is made of. */
final class TlsOracles {
    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(50);

    private static final int LONGEST_HELLO = 120;

    /** So many records are opened in a read, and there may be two in a turn. What is about as much more may have waited. */
    private static final int MOST_RECORDS = 3 * 128;

    private final TlsPlan plan;
    private final Timeline timeline;
    private final Verdict verdict;
    private final Exits exits;
    private final List<Conversation> conversations;
    private final TlsJudgement judgement;
    private boolean closing;
    private boolean draining;
    private long lost;

    TlsOracles(TlsPlan plan, SimHost host, List<Conversation> conversations) {
        this.plan = plan;
        timeline = host.timeline;
        verdict = host.verdict;
        exits = host.exits;
        this.conversations = conversations;
        judgement = new TlsJudgement(plan, verdict, exits);
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

    // ---- connecting

    void routing(Conversation one) {
        long canceledAt = one.client.peer.canceledAt();
        verdict.require(one.relayed == null, "asked for a route after one was connected", one);
        verdict.require(
                canceledAt < 0 || canceledAt > LONGEST_HELLO, "asked for a route in the middle of a handshake", one);
    }

    void connected(Conversation one, Attempt attempt) {
        long canceledAt = attempt.line.peer.canceledAt();
        boolean isThroughLast = attempt.plan.side().leg() == Leg.TLS_1_2;
        verdict.require(attempt.established, "connected to nobody", one);
        verdict.require(
                canceledAt < 0 || (canceledAt > 0 && !isThroughLast), "connected in the middle of a handshake", one);
    }

    // ---- after every turn

    void afterTurn() {
        for (Conversation one : conversations) {
            if (one.isRelaying()) {
                checkTurn(one, one.client, one.relayed.line);
                checkTurn(one, one.relayed.line, one.client);
            }
        }
    }

    /** One that cuts what it says into many records costs its loop no more than others. */
    private void checkTurn(Conversation one, Line source, Line sink) {
        long written = sink.newlyWritten();
        boolean isSmall =
                source.peer.plan().record() == 1 && source.peer.plan().leg().isTls();
        boolean isPlain = !sink.peer.plan().leg().isTls();
        verdict.require(!isSmall || !isPlain || written <= MOST_RECORDS, "many records in one turn", one);
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
        if (!isTold || sink.closesBoth() || sink.isLost() || source.isLost()) {
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
            case IDLE_TIMEOUT -> {
                requireOld(one, age, settings.idle());
                requireNothingWrong(one);
            }
            case HALF_CLOSED_TIMEOUT -> {
                requireOld(one, age, settings.halfClosed());
                requireNothingWrong(one);
            }
            case STALL_TIMEOUT -> requireOld(one, age, settings.stall());
            case LOCAL_SHORTAGE ->
                verdict.require(
                        settings.bufferedBytes() < 1 << 20 || settings.reckoning() > 0 || exits.hasStruck(),
                        "nothing was short",
                        one);
            case DRAIN_DEADLINE -> verdict.require(draining, "nobody drained the proxy", one);
            case BALANCER_CLOSED -> verdict.require(closing, "nobody closed the proxy", one);
            case BACKEND_DRAINED -> verdict.require(!plan.isCalm(), "nobody took the backend out", one);
            default ->
                verdict.require(exits.hasStruck(), "ended for no reason", Exits.trace(summary.cause()) + "\n" + one);
        }
    }

    private void requireLost(Conversation one, Line lost) {
        verdict.require(
                lost.closesBoth()
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

    /** Who has said what must not be is not waited for. */
    private void requireNothingWrong(Conversation one) {
        boolean wasWrong = one.relayed != null
                && plan.isCalm()
                && ((one.client.wasWrong() && one.relayed.line.isPatient())
                        || (one.relayed.line.wasWrong() && one.client.isPatient()));
        verdict.require(!wasWrong, "what was wrong had no consequence", one);
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
            judgement.judge(one);
        }
    }
}
