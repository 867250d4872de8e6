package io.lb4j.simulation;

import io.lb4j.simulation.TlsPlan.Manner;
import io.lb4j.simulation.TlsPlan.Side;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** The handshake of a {@link Speaker}, and what it does instead of it. */
final class Shaking {
    private final Speaker speaker;
    private final Side plan;
    private final Speech speech;
    private boolean mute;
    private long sent;
    private long canceledAt = -1;

    Shaking(Speaker speaker, Side plan, Speech speech) {
        this.speaker = speaker;
        this.plan = plan;
        this.speech = speech;
    }

    /** How much may be sent now. */
    int most() {
        boolean isLimited = !speech.isThrough() && plan.manner().isHalf();
        return isLimited ? (int) (plan.mannerAfter() - sent) : Integer.MAX_VALUE;
    }

    void sent(int bytes) {
        sent += bytes;
    }

    /** Returns whether more can be done at once. */
    boolean step() throws SSLException {
        boolean isFarEnough = sent >= plan.mannerAfter();
        if (plan.manner() == Manner.CANCELS && isFarEnough && speech.isSent()) {
            cancel();
            return true;
        }
        if (plan.manner().isHalf() && isFarEnough) {
            return beMute();
        }
        return speech.shake() || read();
    }

    private boolean read() {
        int read;
        try {
            read = speech.read(speaker.end());
        } catch (IOException reset) {
            return speaker.lost("reset in the handshake");
        }
        return read < 0 ? speaker.lost("end in the handshake") : read > 0;
    }

    /** Says that it does not want to go on, and hears no more of it. */
    private void cancel() throws SSLException {
        if (canceledAt < 0) {
            canceledAt = sent;
            speech.sayEnd();
            speaker.canceled();
        } else {
            speaker.leave();
        }
    }

    /** It says no more of its handshake. */
    private boolean beMute() {
        if (!mute) {
            mute = true;
            speech.dropUnsent();
            switch (plan.manner()) {
                case GARBAGE -> sendNoise();
                case FIN -> speaker.endStream();
                case RESET -> {
                    speaker.close(true);
                    return false;
                }
                default -> {}
            }
        }
        boolean again = read();
        speech.forget();
        return again || (speaker.isHeldLongEnough() && speaker.lost("end"));
    }

    private void sendNoise() {
        speech.sayNoise();
        try {
            speech.send(speaker.end(), Integer.MAX_VALUE);
        } catch (IOException lost) {
            // A read will say so.
        }
        speech.dropUnsent();
    }

    /** After how many bytes it did not want to go on, -1 when it did. */
    long canceledAt() {
        return canceledAt;
    }
}
