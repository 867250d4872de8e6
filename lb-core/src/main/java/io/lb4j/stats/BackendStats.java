package io.lb4j.stats;

/**
 * Counters of one backend since it was added, at one moment.
 *
 * @param active connections to it that are open or being opened now: a gauge, not a counter
 * @param connections connections made to it
 * @param connectFailures attempts to connect that failed at the backend; those that failed for want of descriptors,
 *     ports or memory on this machine are not counted
 * @param bytesToBackend bytes sent to it over connections that have ended
 * @param bytesToClient bytes received from it and delivered, over connections that have ended
 */
public record BackendStats(
        long active, long connections, long connectFailures, long bytesToBackend, long bytesToClient) {

    /** What was counted since {@code earlier}. {@link #active()} stays what it is now. */
    public BackendStats minus(BackendStats earlier) {
        return new BackendStats(
                active,
                connections - earlier.connections,
                connectFailures - earlier.connectFailures,
                bytesToBackend - earlier.bytesToBackend,
                bytesToClient - earlier.bytesToClient);
    }
}
