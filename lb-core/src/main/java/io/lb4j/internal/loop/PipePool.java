package io.lb4j.internal.loop;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's pipes of one loop: one that streams pass through, those that hold what their sinks do not take yet, and a few
 * for later. Confined to its loop.
 */
final class PipePool {
    /*
     * As with the loop's buffer, one pipe serves all streams that are read, as each leaves it empty; one that cannot takes
     * the pipe with it (`kept`), and the next one gets another. What was left in it by something that failed is thrown
     * away with it.
     */
    static final int MOST_SPARE = 4;

    /** Where none is to be had, so many streams are copied before the next is asked for: that costs some system calls. */
    private static final int ASK_AGAIN_AFTER = 1000;

    private final Splicing splicing;
    private final LoopMemory loop;
    private final int most;
    private final ArrayDeque<Pipe> spare = new ArrayDeque<>(MOST_SPARE);
    private int open;
    private int patience;
    private @Nullable Pipe current;

    /** @param most how many there may be at a time */
    PipePool(Splicing splicing, LoopMemory loop, int most) {
        this.splicing = splicing;
        this.loop = loop;
        this.most = most;
    }

    /** What is not spliced passes through this. */
    Passage buffer() {
        return loop.buffer();
    }

    /** See {@link Splicing#worthwhile}. */
    int worthwhile() {
        return splicing.worthwhile();
    }

    /** The pipe that bytes pass through, empty; null when there is none to be had now. */
    @Nullable
    Pipe current() {
        Pipe present = current;
        if (present != null && !present.isEmpty()) {
            current = null;
            close(present);
            present = null;
        }
        if (present == null) {
            present = spare.isEmpty() ? open() : spare.removeLast();
            current = present;
        }
        return present;
    }

    private @Nullable Pipe open() {
        if (open >= most) {
            return null;
        }
        if (patience > 0) {
            patience--;
            return null;
        }
        Pipe pipe = null;
        try {
            pipe = fresh();
        } catch (OutOfMemoryError exhausted) {
            // A stream can do without.
        }
        if (pipe == null) {
            patience = ASK_AGAIN_AFTER;
        } else {
            open++;
        }
        return pipe;
    }

    private @Nullable Pipe fresh() {
        SplicePipe fresh = splicing.openPipeOfKernel();
        if (fresh == null) {
            return null;
        }
        try {
            return new Pipe(this, fresh);
        } catch (Error exhausted) {
            fresh.close();
            throw exhausted;
        }
    }

    /** The current one holds this much that a sink does not take yet: it is that stream's from now on. */
    void kept(int bytes) {
        current = null;
        loop.budget().take(bytes);
    }

    void giveBack(Pipe pipe, int bytes) {
        loop.budget().giveBack(bytes);
        if (pipe.isEmpty() && spare.size() < MOST_SPARE) {
            spare.addLast(pipe);
        } else {
            close(pipe);
        }
    }

    private void close(Pipe pipe) {
        open--;
        pipe.close();
    }

    /** Closes those that nobody has. */
    void release() {
        if (current != null) {
            close(current);
            current = null;
        }
        while (!spare.isEmpty()) {
            close(spare.removeLast());
        }
    }
}
