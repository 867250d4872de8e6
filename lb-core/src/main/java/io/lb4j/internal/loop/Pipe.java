package io.lb4j.internal.loop;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A pipe of a {@link PipePool}, and the bytes that it holds. Confined to its loop. */
final class Pipe implements Passage, Pending {
    private final PipePool pool;
    private final SplicePipe pipe;

    /** How much of the budget it has. */
    private int counted;

    Pipe(PipePool pool, SplicePipe pipe) {
        this.pool = pool;
        this.pipe = pipe;
    }

    @Override
    public int capacity() {
        return pipe.capacity();
    }

    @Override
    public int sizeOf(int readSize) {
        return capacity();
    }

    @Override
    public int fill(Source source, int most) throws IOException {
        return source.read(pipe, most);
    }

    /** What brought less is empty, or at a mark of urgent data, or at its end: see {@link SplicePipe#fill}. Its next turn tells. */
    @Override
    public @Nullable Passage after(int read, int wanted) {
        if (read == wanted) {
            return this;
        }
        return read > 0 ? null : pool.buffer();
    }

    @Override
    public boolean isEmpty() {
        return pipe.size() == 0;
    }

    @Override
    public int size() {
        return pipe.size();
    }

    @Override
    public int writeTo(Sink sink) throws IOException {
        return sink.write(pipe);
    }

    @Override
    public boolean mayTakeMore(int written) {
        // See SplicePipe#drain.
        return written > 0;
    }

    @Override
    public Pending keep() {
        counted = pipe.size();
        pool.kept(counted);
        return this;
    }

    @Override
    public void giveBack() {
        int given = counted;
        counted = 0;
        pool.giveBack(this, given);
    }

    void close() {
        pipe.close();
    }
}
