package io.lb4j.internal.relay;

import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.loop.LoopMemory;
import io.lb4j.internal.loop.Passage;

/** A direction that is read from as a bandwidth allows. Confined to its loop. */
final class ThrottledRelay extends Relay {
    /*
     * Not reading is all that holds it back: what the source sends on waits in its kernel. When its turn comes it reads
     * without having been told by the selector that there is something, which mostly there is; so a stream that goes as fast
     * as it may costs one read and one write each time, and no call that changes what the selector looks for.
     */
    private static final int LEAST = 512;

    private final RelayLoop loop;
    private final Throttle throttle;

    /** How much it is to ask for: what others could have meanwhile, if it has less to say. */
    private int appetite = LEAST;

    private boolean isWaiting;

    ThrottledRelay(RelayPair pair, Endpoint source, Endpoint sink, int bytesCounter, Throttle throttle) {
        super(pair, pair.connection, source, sink, bytesCounter);
        loop = pair.connection.loop();
        this.throttle = throttle;
    }

    /** Whether it is held back: there was something to read, and it is not time to. */
    boolean isWaiting() {
        return isWaiting && flow() == Flow.OPEN;
    }

    /** When it may go on, if it is held back. */
    long resumeAt() {
        return throttle.lookAt();
    }

    /** It may be time. */
    void resume() {
        isWaiting = false;
        readable();
    }

    @Override
    public boolean wantsToRead() {
        return super.wantsToRead() && !isWaiting();
    }

    /** What was read ahead is one read. */
    @Override
    void begin() {
        throttle.hasRead(source.inHandSize(), loop.now());
        super.begin();
    }

    /** One read; its bytes are not spliced. */
    @Override
    void pump() {
        int granted = throttle.grant(appetite, loop.now());
        if (granted == 0) {
            holdBack();
            return;
        }
        Passage passage = memory.passage(0);
        int wanted = budget.allowance(granted);
        int read = read(passage, wanted);
        throttle.used(Math.max(0, read));
        if (read < 0) {
            return;
        }
        boolean isFilled = read == wanted;
        appetite = Math.min(LoopMemory.LARGEST_READ, isFilled ? 2 * appetite : Math.max(LEAST, 2 * read));
        if (read > 0 && deliver(passage) && !mustAwaitRoom() && isFilled) {
            holdBackUnlessGranted();
        }
    }

    /** There is more to read, probably: who has to wait for it takes its turn now. */
    private void holdBackUnlessGranted() {
        if (throttle.isGranted(appetite, loop.now())) {
            throttle.used(0);
        } else {
            holdBack();
        }
    }

    private void holdBack() {
        isWaiting = true;
        counters.add(LoopCounters.BANDWIDTH_PAUSES, 1);
    }

    /** Its sink is lost, or it ends: its share is for others. */
    @Override
    public void dropPending() {
        super.dropPending();
        throttle.used(0);
    }
}
