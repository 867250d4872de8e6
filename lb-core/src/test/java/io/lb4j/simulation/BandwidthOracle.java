package io.lb4j.simulation;

import io.lb4j.access.Bandwidth;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether no more is read than the bandwidths allow: in any time {@code t} the burst, what passes in {@code t}, and for each
 * direction that waits one share, which may be read some time after it was due. (Each client has one connection here.)
 */
final class BandwidthOracle {
    private static final int LEAST_BURST = 16 * 1024;
    private static final int LARGEST_SHARE = 64 * 1024;

    /** Of a client before a backend is connected, whether there is room for it in a bucket or not. */
    private static final int READ_AHEAD = 512;

    /** What has been read ahead of an even flow, in bytes, and when that was. */
    private static final class Level {
        private double bytes;
        private long at;

        /** Returns how much of the burst is overdrawn. */
        double add(int read, long now, double rate, double burst) {
            bytes = (bytes == 0 ? 0 : Math.max(0, bytes - (now - at) * rate / 1e9)) + read;
            at = now;
            return bytes - burst;
        }
    }

    private final Bandwidths bandwidths;
    private final Verdict verdict;
    private final Map<Integer, Level> ofConnections = new HashMap<>();
    private final Level[] ofAll = {new Level(), new Level()};

    BandwidthOracle(Bandwidths bandwidths, Verdict verdict) {
        this.bandwidths = bandwidths;
        this.verdict = verdict;
    }

    void read(Talk talk, Talk.Stream stream, int size, long now, int connections) {
        // What nobody is to get any more is thrown away as it comes.
        if (bandwidths.areNone() || stream.sinkLost) {
            return;
        }
        boolean toClient = stream == talk.toClient;
        check(bandwidths.ofConnection(), toClient, ofConnection(stream.number), size, now, 1);
        check(bandwidths.ofClient(), toClient, ofConnection(-1 - stream.number), size, now, 1);
        check(bandwidths.ofAll(), toClient, ofAll[toClient ? 1 : 0], size, now, connections);
    }

    private Level ofConnection(int number) {
        return ofConnections.computeIfAbsent(number, first -> new Level());
    }

    private void check(Optional<Bandwidth> limit, boolean toClient, Level level, int size, long now, int waiting) {
        if (limit.isEmpty() || rate(limit.get(), toClient).isEmpty()) {
            return;
        }
        double rate = rate(limit.get(), toClient).getAsLong();
        double burst = Math.max(LEAST_BURST, rate * limit.get().burst().toNanos() / 1e9);
        double overdrawn = level.add(size, now, rate, burst);
        double shares = waiting * Math.max(1, Math.min(rate / 20, LARGEST_SHARE));
        if (overdrawn > shares + (toClient ? 0 : waiting * READ_AHEAD) + 1) {
            verdict.require(false, "more than burst and rate by " + overdrawn + " bytes", limit);
        }
    }

    private static OptionalLong rate(Bandwidth limit, boolean toClient) {
        return toClient ? limit.toClient() : limit.toBackend();
    }

    /** Whether this direction may be held back. */
    boolean mayWait(boolean toClient) {
        return isLimited(bandwidths.ofConnection(), toClient)
                || isLimited(bandwidths.ofClient(), toClient)
                || isLimited(bandwidths.ofAll(), toClient);
    }

    private static boolean isLimited(Optional<Bandwidth> limit, boolean toClient) {
        return limit.isPresent() && rate(limit.get(), toClient).isPresent();
    }
}
