package io.lb4j.proxy;

import io.lb4j.access.Bandwidth;
import io.lb4j.internal.relay.TokenBuckets;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A part of a {@link ClientTable}: a hash table with chains, and in a list those in it who have no connection. Guarded by
 * itself.
 */
final class CountedClients {
    private final AtomicInteger sizeOfAll;
    private Client[] chains = new Client[8];
    private int size;

    /** Ends of the list of those without a connection. */
    private @Nullable Client first;

    private @Nullable Client last;

    /** Whether there is a first one, and since when he has none: for whoever looks for the one to forget. */
    volatile boolean hasSilent;

    volatile long silentSince;

    CountedClients(AtomicInteger sizeOfAll) {
        this.sizeOfAll = sizeOfAll;
    }

    /** Null when the table is full. */
    synchronized @Nullable ClientPlace enter(long high, long low, int hash, ClientTable.Limits limits, long now) {
        dropThoseWhoseTimeIsOver(now);
        Client client = find(high, low, hash);
        if (client == null) {
            // All that needs memory comes first.
            Client fresh = new Client(this, high, low, hash, now);
            fresh.limit(limits.bandwidth(), now);
            growIfFull();
            if (!takePlace(limits.maxClients())) {
                return null;
            }
            add(fresh);
            client = fresh;
        } else if (client.open >= limits.most()) {
            return ClientPlace.TOO_MANY;
        } else if (limits.interval() > 0 && client.isTooEarly(limits, now)) {
            if (client.open == 0) {
                unlist(client);
                list(client, now);
            }
            return ClientPlace.TOO_OFTEN;
        } else {
            client.limit(limits.bandwidth(), now);
        }
        if (client.open == 0 && client.isListed) {
            unlist(client);
        }
        client.open++;
        if (limits.interval() > 0) {
            client.due = (client.due - now > 0 ? client.due : now) + limits.interval();
        }
        return client;
    }

    private boolean takePlace(int most) {
        for (int now = sizeOfAll.get(); now < most; now = sizeOfAll.get()) {
            if (sizeOfAll.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    synchronized void leave(Client client, long now) {
        client.open--;
        if (client.open == 0) {
            if (!client.isAsIfNew(now)) {
                list(client, now);
            } else {
                remove(client);
            }
        }
    }

    /** Returns false when somebody else was faster. */
    synchronized boolean forgetFirst() {
        Client forgotten = first;
        if (forgotten == null) {
            return false;
        }
        unlist(forgotten);
        remove(forgotten);
        return true;
    }

    /** Of those whose time is over some may be behind one whose is not: they come later. */
    synchronized void dropThoseWhoseTimeIsOver(long now) {
        for (Client one = first; one != null && one.isAsIfNew(now); one = first) {
            unlist(one);
            remove(one);
        }
    }

    // ---- the chains

    synchronized int longestChain() {
        int longest = 0;
        for (Client head : chains) {
            int length = 0;
            for (Client one = head; one != null; one = one.next) {
                length++;
            }
            longest = Math.max(longest, length);
        }
        return longest;
    }

    private @Nullable Client find(long high, long low, int hash) {
        Client one = chains[hash & chains.length - 1];
        while (one != null && (one.high != high || one.low != low)) {
            one = one.next;
        }
        return one;
    }

    private void growIfFull() {
        if (size < chains.length) {
            return;
        }
        Client[] before = chains;
        chains = new Client[2 * before.length];
        for (Client head : before) {
            Client one = head;
            while (one != null) {
                Client next = one.next;
                push(one);
                one = next;
            }
        }
    }

    private void add(Client client) {
        push(client);
        size++;
    }

    private void push(Client client) {
        int at = client.hash & chains.length - 1;
        client.next = chains[at];
        chains[at] = client;
    }

    private void remove(Client client) {
        int at = client.hash & chains.length - 1;
        Client one = chains[at];
        if (one == client) {
            chains[at] = client.next;
        } else {
            while (one != null && one.next != client) {
                one = one.next;
            }
            if (one != null) {
                one.next = client.next;
            }
        }
        size--;
        sizeOfAll.decrementAndGet();
    }

    // ---- the list

    private void list(Client client, long now) {
        client.isListed = true;
        client.silentSince = now;
        client.before = last;
        client.behind = null;
        if (last == null) {
            first = client;
        } else {
            last.behind = client;
        }
        last = client;
        tellFirst();
    }

    private void unlist(Client client) {
        Client before = client.before;
        Client behind = client.behind;
        if (before == null) {
            first = behind;
        } else {
            before.behind = behind;
        }
        if (behind == null) {
            last = before;
        } else {
            behind.before = before;
        }
        client.before = null;
        client.behind = null;
        client.isListed = false;
        tellFirst();
    }

    private void tellFirst() {
        Client oldest = first;
        if (oldest == null) {
            hasSilent = false;
        } else if (!hasSilent || silentSince != oldest.silentSince) {
            silentSince = oldest.silentSince;
            hasSilent = true;
        }
    }

    /** A client, and a place for each of his connections. Guarded by the part it is in, which stays the same. */
    private static final class Client extends ClientPlace {
        private final CountedClients part;
        private final long high;
        private final long low;
        private final int hash;

        /** How many connections he has. */
        private int open;

        /** When he may connect again as if he had never come: GCRA's theoretical arrival time (ITU-T I.371). */
        private long due;

        /** Null when there never was a bandwidth while he was here. */
        private @Nullable TokenBuckets bandwidth;

        private @Nullable Client next;

        // Of the list.
        private boolean isListed;
        private long silentSince;
        private @Nullable Client before;
        private @Nullable Client behind;

        Client(CountedClients part, long high, long low, int hash, long now) {
            super(null);
            this.part = part;
            this.high = high;
            this.low = low;
            this.hash = hash;
            due = now;
        }

        /** Under a rate that was lower before, he waits no longer than by the present one. */
        boolean isTooEarly(ClientTable.Limits limits, long now) {
            long most = limits.tolerance() + limits.interval();
            if (due - now > most) {
                due = now + most;
            }
            return due - now > limits.tolerance();
        }

        void limit(@Nullable Bandwidth present, long now) {
            bandwidth = TokenBuckets.limited(bandwidth, present, now);
        }

        /** Whether it makes no difference to forget him, once he has no connection. */
        boolean isAsIfNew(long now) {
            return due - now <= 0 && (bandwidth == null || bandwidth.areFull(now));
        }

        @Override
        @Nullable
        TokenBuckets bandwidth() {
            return bandwidth;
        }

        @Override
        void leave(long now) {
            part.leave(this, now);
        }
    }
}
