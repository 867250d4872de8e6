package io.lb4j.simulation;

import io.lb4j.simulation.TlsPlan.Side;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** What a {@link Speaker} hears, and how that ends. */
final class HearingTrack extends Track {
    /** How the other side's stream ended, as this one saw it. */
    enum End {
        /** Not at all: it did not look, or closed first. */
        UNSEEN,
        /** As a stream of its kind has to end. */
        CLEAN,
        /** Cut off. */
        CUT
    }

    private final Speech speech;
    private End seen = End.UNSEEN;
    private String how = "";

    HearingTrack(Speaker speaker, Timeline timeline, Side plan, Speech speech) {
        super(speaker, timeline, plan.script().reader());
        this.speech = speech;
    }

    @Override
    boolean play(Act act) throws SSLException {
        return switch (act.kind()) {
            case READ -> hear(act.amount() - done);
            case READ_TO_END -> hear(Long.MAX_VALUE);
            default -> throw new IllegalStateException("reader: " + act);
        };
    }

    private boolean hear(long left) throws SSLException {
        if (left <= 0) {
            return next();
        }
        long before = speech.heard();
        int read;
        try {
            read = speech.hear(speaker.end());
        } catch (SSLException failure) {
            throw failure;
        } catch (IOException reset) {
            return ended(End.CUT, "reset");
        }
        if (speech.isNotified()) {
            speaker.notified();
            return ended(End.CLEAN, "close_notify");
        }
        if (read < 0) {
            return speech.isTls() ? ended(End.CUT, "bare FIN") : ended(End.CLEAN, "FIN");
        }
        done += speech.heard() - before;
        return read > 0;
    }

    private boolean ended(End kind, String what) {
        saw(kind, what);
        leave();
        return true;
    }

    void saw(End kind, String what) {
        if (seen == End.UNSEEN) {
            seen = kind;
            how = what;
        }
    }

    // ---- for oracles

    End seen() {
        return seen;
    }

    /** In a word. */
    String how() {
        return how;
    }
}
