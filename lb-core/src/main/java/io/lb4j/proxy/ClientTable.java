package io.lb4j.proxy;

import io.lb4j.access.Bandwidth;
import io.lb4j.access.ClientLimits;
import io.lb4j.internal.util.AddressBits;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections each client of one frontend has, and how soon he may connect again; over all loops, because the
 * kernel gives a client's connections to any of them. Thread-safe.
 */
final class ClientTable {
    /*
     * A client is in the table while he has a connection, and as long as he may not connect as often at once, or pass as many
     * bytes, as if he had never come; so one who has gone for good leaves nothing behind. Without connections he is in a list, those that have
     * been silent for longest first: from its head those are dropped whose time is over, and when the table is full, the
     * first of them all.
     *
     * Parts of the table have locks of their own, held for a few steps; only their common size is one number. Whatever can
     * fail (memory for a client, memory for a larger part) comes before anything is changed. The hash has a seed that
     * nobody outside knows: clients choose their addresses, of IPv6 billions of them.
     */
    private static final int PARTS = 64;
    private static final int PART_SHIFT = Long.SIZE - 6;

    /** As they are set, in the units of this table. */
    record Limits(
            int most,
            long interval,
            long tolerance,
            @Nullable Bandwidth bandwidth,
            int ipv6Prefix,
            int maxClients) {
        static final int ANY_NUMBER = Integer.MAX_VALUE;

        static Limits of(ClientLimits limits) {
            long interval = limits.connectRate()
                    .map(rate -> RateGate.interval(rate.per().toNanos(), rate.times()))
                    .orElse(0L);
            long tolerance = limits.connectRate()
                    .map(rate -> interval * (rate.times() - 1))
                    .orElse(0L);
            return new Limits(
                    limits.maxConnections().orElse(ANY_NUMBER),
                    interval,
                    tolerance,
                    limits.bandwidth().orElse(null),
                    limits.ipv6Prefix(),
                    limits.maxClients());
        }
    }

    private final CountedClients[] parts = new CountedClients[PARTS];
    private final long seed;
    private final AtomicInteger size = new AtomicInteger();

    /** @param seed of its hash, by chance */
    ClientTable(long seed) {
        this.seed = seed;
        for (int i = 0; i < PARTS; i++) {
            parts[i] = new CountedClients(size);
        }
    }

    /** A place for one more connection of this client, or why there is none. */
    ClientPlace enter(InetAddress address, Limits limits, long now) {
        byte[] bytes = address.getAddress();
        long high = 0;
        long low;
        if (AddressBits.isIpv4(address, bytes)) {
            low = AddressBits.mapped(AddressBits.ipv4(bytes));
        } else {
            high = AddressBits.high(bytes) & AddressBits.longMask(limits.ipv6Prefix);
            low = AddressBits.low(bytes) & AddressBits.longMask(limits.ipv6Prefix - Long.SIZE);
        }
        long hash = hash(high, low);
        CountedClients part = parts[(int) (hash >>> PART_SHIFT)];
        ClientPlace place = part.enter(high, low, (int) hash, limits, now);
        while (place == null) {
            if (!makeRoom()) {
                return ClientPlace.TOO_MANY;
            }
            place = part.enter(high, low, (int) hash, limits, now);
        }
        return place;
    }

    /** Mixes as the finish of MurmurHash3 does, twice, so that every bit of both depends on the seed. */
    private long hash(long high, long low) {
        return mix(mix(high ^ seed) + low ^ Long.rotateLeft(seed, Integer.SIZE));
    }

    private static long mix(long bits) {
        long mixed = (bits ^ bits >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }

    /** Forgets the client without connections who has been silent for longest; false when all have connections. */
    private boolean makeRoom() {
        while (true) {
            CountedClients oldest = null;
            long since = 0;
            for (CountedClients part : parts) {
                long silent = part.silentSince;
                if (part.hasSilent && (oldest == null || silent - since < 0)) {
                    oldest = part;
                    since = silent;
                }
            }
            if (oldest == null) {
                return false;
            }
            if (oldest.forgetFirst()) {
                return true;
            }
        }
    }

    /** How many clients are in it, most of those left out whose time is over. */
    int size(long now) {
        for (CountedClients part : parts) {
            part.dropThoseWhoseTimeIsOver(now);
        }
        return size.get();
    }

    /** How many clients share a place in the hash at most: what a look-up may cost. For tests. */
    int longestChain() {
        int longest = 0;
        for (CountedClients part : parts) {
            longest = Math.max(longest, part.longestChain());
        }
        return longest;
    }
}
