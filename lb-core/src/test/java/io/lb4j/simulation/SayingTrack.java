package io.lb4j.simulation;

import io.lb4j.simulation.TlsPlan.Side;
import javax.net.ssl.SSLException;

/** What a {@link Speaker} says, and how it ends that. */
final class SayingTrack extends Track {
    private static final int LARGEST = 1 << 18;
    private static final int FEW_RECORDS = 6;
    private static final int MANY_RECORDS = 1500;

    private final Timeline timeline;
    private final Side plan;
    private final Speech speech;
    private long wrongSince = -1;
    private long endedAt = -1;
    private boolean isCut;

    SayingTrack(Speaker speaker, Timeline timeline, Side plan, Speech speech) {
        super(speaker, timeline, plan.script().writer());
        this.timeline = timeline;
        this.plan = plan;
        this.speech = speech;
    }

    @Override
    boolean play(Act act) throws SSLException {
        if (!speech.isSent()) {
            return false;
        }
        if (!speech.canSay()) {
            ended();
            leave();
            return true;
        }
        if (done == 0 && plan.isWrong(act)) {
            wrongSince = timeline.getAsLong();
        }
        return switch (act.kind()) {
            case SEND -> say(act.amount());
            case AWAIT_BYTES -> (speech.heard() >= act.amount() || speaker.hasHeardAll()) && next();
            case AWAIT_READER -> speaker.hasHeardAll() && next();
            case FIN, NOTIFY -> end(act.kind() == Act.Kind.FIN);
            case BARE_FIN -> endStream();
            case RESET, CLOSE -> {
                speaker.close(act.kind() == Act.Kind.RESET);
                yield false;
            }
            default -> playInTls(act);
        };
    }

    private boolean playInTls(Act act) throws SSLException {
        switch (act.kind()) {
            case EMPTY -> {
                speech.sayNothing();
                return ++done < act.amount() || next();
            }
            case KEY_UPDATE -> speech.updateKeys(act.amount() > 0);
            case CUT_RECORD -> {
                isCut = true;
                if (done++ > 0) {
                    return endStream();
                }
                speech.sayWrong(true);
                return true;
            }
            case BROKEN -> speech.sayWrong(false);
            case GARBAGE -> speech.sayNoise();
            case RENEGOTIATE -> speech.renegotiate();
            default -> throw new IllegalStateException("writer: " + act);
        }
        return next();
    }

    private boolean say(long amount) throws SSLException {
        int records = speech.isTls() ? timeline.between(1, timeline.oneIn(8) ? MANY_RECORDS : FEW_RECORDS) : 1;
        for (int i = 0; i < records && done < amount; i++) {
            int largest = plan.record() == 0 ? LARGEST : plan.record();
            int size = timeline.oneIn(2) ? largest : timeline.between(1, largest);
            done += speech.say(amount - done, size);
        }
        return done < amount || next();
    }

    /** First within TLS, and when that is sent the stream, too. */
    private boolean end(boolean withStream) throws SSLException {
        if (done++ == 0) {
            speech.sayEnd();
            ended();
            return true;
        }
        return withStream || !speech.isTls() ? endStream() : next();
    }

    private boolean endStream() {
        speaker.endStream();
        return next();
    }

    /** Nothing follows, and the other side can know. */
    void ended() {
        if (endedAt < 0) {
            endedAt = speech.said();
        }
    }

    // ---- for oracles

    boolean isCut() {
        return isCut;
    }

    long wrongSince() {
        return wrongSince;
    }

    long endedAt() {
        return endedAt;
    }
}
