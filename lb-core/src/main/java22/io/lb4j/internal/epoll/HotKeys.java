package io.lb4j.internal.epoll;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The keys for which something may be possible, in the order in which that became known: a list through the keys, so that
 * nothing is allocated for it. Confined to its selector's thread.
 */
final class HotKeys {
    private @Nullable EpollKey first;
    private @Nullable EpollKey last;
    private int count;

    int count() {
        return count;
    }

    /** Nothing happens if it is there. */
    void add(EpollKey key) {
        if (!key.isHot) {
            key.isHot = true;
            EpollKey before = last;
            if (before == null) {
                first = key;
            } else {
                before.nextHot = key;
            }
            last = key;
            count++;
        }
    }

    /** There must be one. */
    EpollKey removeFirst() {
        EpollKey key = Objects.requireNonNull(first);
        first = key.nextHot;
        if (first == null) {
            last = null;
        }
        key.nextHot = null;
        key.isHot = false;
        count--;
        return key;
    }

    /** Whether something is possible without asking the kernel. Those for which nothing is are removed. */
    boolean isAnyPossible() {
        for (int left = count; left > 0; left--) {
            EpollKey key = removeFirst();
            if (key.isStillHot()) {
                add(key);
            }
        }
        return count > 0;
    }
}
