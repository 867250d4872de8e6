package io.lb4j.selection;

import io.lb4j.internal.util.Preload;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a selector has made of a list, for the few lists it was asked about last: several balancers, or several tiers of
 * one, can share a selector, and their picks come in any order. Thread-safe; for one version it is always the same.
 */
final class RecentLists<T> {
    static {
        Preload.classes(RecentLists.class);
    }

    private static final int MOST = 8;

    private record Entry<T>(long version, WeakReference<Candidates> list, T made) {}

    private final Function<? super Candidates, ? extends T> maker;

    /** The newest first. */
    private volatile List<Entry<T>> entries = List.of();

    RecentLists(Function<? super Candidates, ? extends T> maker) {
        this.maker = maker;
    }

    /** What was made of this list, maybe now. Of a list of version 0 nothing is kept. */
    T of(Candidates whole) {
        T known = find(whole.version());
        return known == null ? make(whole) : known;
    }

    private @Nullable T find(long version) {
        List<Entry<T>> all = entries;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).version == version) {
                return all.get(i).made;
            }
        }
        return null;
    }

    private synchronized T make(Candidates whole) {
        T known = find(whole.version());
        if (known != null) {
            return known; // made while this thread waited
        }
        T made = maker.apply(whole);
        if (whole.version() != 0) {
            keep(new Entry<>(whole.version(), new WeakReference<>(whole), made));
        }
        return made;
    }

    private void keep(Entry<T> entry) {
        List<Entry<T>> next = new ArrayList<>();
        next.add(entry);
        for (Entry<T> known : entries) {
            // A list that is gone was followed by another one: its balancer will not ask for it again.
            if (known.list.get() != null && next.size() < MOST) {
                next.add(known);
            }
        }
        entries = List.copyOf(next);
    }
}
