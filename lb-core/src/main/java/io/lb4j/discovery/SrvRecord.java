package io.lb4j.discovery;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One SRV record (RFC 2782).
 *
 * @param priority 0..65535, the lowest preferred
 * @param weight 0..65535, the share among the records of the same priority
 * @param port 1..65535
 * @param host where it is, without the dot at the end
 */
record SrvRecord(int priority, int weight, int port, String host) {
    /**
     * A record's four words as the provider writes them: priority, weight, port, target.
     *
     * @throws IOException when they are not, or when nobody can be asked for the target: it is checked as the names are
     *     that users give, for it is asked for in the same way
     */
    static SrvRecord parse(String text) throws IOException {
        String[] words = text.split(" ", 4);
        try {
            return new SrvRecord(
                    Integer.parseInt(words[0]), Integer.parseInt(words[1]), Integer.parseInt(words[2]), host(words[3]));
        } catch (IndexOutOfBoundsException | IllegalArgumentException nonsense) {
            throw new IOException(
                    "SRV record: \"" + text + "\" (expected: priority weight port target, the target a host name)",
                    nonsense);
        }
    }

    private static String host(String target) {
        String host = target.endsWith(".") ? target.substring(0, target.length() - 1) : target;
        return host.isEmpty() ? host : NameServer.checkName("target", host);
    }

    /** Whether there is anything: the target "." says that the service is decidedly not here. */
    boolean isOffered() {
        return !host.isEmpty();
    }

    /** The backend on one of the host's addresses, with its part in an answer of these records. */
    Backend backend(Backend place, Collection<SrvRecord> all) {
        return place.withWeight(weightAmong(all))
                .withPriority(priorityAmong(all))
                .withLabel("host", host);
    }

    /** This record's weight on our scale: as it is if all of its priority fit, or in proportion; never 0. */
    int weightAmong(Collection<SrvRecord> all) {
        int most = all.stream()
                .filter(other -> other.priority == priority)
                .mapToInt(SrvRecord::weight)
                .max()
                .orElse(weight);
        double scale = most <= Backend.MAX_WEIGHT ? 1 : (double) Backend.MAX_WEIGHT / most;
        return Math.max(1, (int) Math.round(weight * scale));
    }

    /** This record's priority on our scale: as it is if all fit, or which one it is of those there are. */
    int priorityAmong(Collection<SrvRecord> all) {
        if (all.stream().allMatch(other -> other.priority <= Backend.MAX_PRIORITY)) {
            return priority;
        }
        List<Integer> different = Stream.concat(Stream.of(this), all.stream())
                .map(SrvRecord::priority)
                .distinct()
                .sorted(Comparator.naturalOrder())
                .toList();
        return Math.min(different.indexOf(priority), Backend.MAX_PRIORITY);
    }
}
