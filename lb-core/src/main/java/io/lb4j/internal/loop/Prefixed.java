package io.lb4j.internal.loop;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a sink is told first, and what the source has said so far behind it, in one write. Only the source's bytes count.
 * Confined to its loop.
 */
public final class Prefixed implements Pending {
    private final LoopMemory loop;
    private final byte[] prefix;
    private final @Nullable Chunk said;
    private int written;

    /** @param said its own from now on; null when the source has said nothing */
    public Prefixed(LoopMemory loop, byte[] prefix, @Nullable Chunk said) {
        this.loop = loop;
        this.prefix = prefix;
        this.said = said;
    }

    @Override
    public int size() {
        return said == null ? 0 : said.size();
    }

    @Override
    public boolean isEmpty() {
        return written == prefix.length && (said == null || said.isEmpty());
    }

    @Override
    public int writeTo(Sink sink) throws IOException {
        if (written == prefix.length) {
            return said == null ? 0 : said.writeTo(sink);
        }
        int taken = loop.buffer().write(sink, prefix, written, said);
        int ofPrefix = Math.min(taken, prefix.length - written);
        written += ofPrefix;
        int ofSource = taken - ofPrefix;
        if (said != null) {
            said.skip(ofSource);
        }
        return ofSource;
    }

    @Override
    public boolean mayTakeMore(int ofSource) {
        return false;
    }

    @Override
    public void giveBack() {
        if (said != null) {
            said.giveBack();
        }
    }
}
