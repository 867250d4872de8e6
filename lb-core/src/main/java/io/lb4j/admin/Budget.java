package io.lb4j.admin;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** How much is kept for clients that are slow to read. Confined to the admin thread. */
final class Budget {
    static final long MOST_BYTES = 32L << 20;

    /** Answers up to that are always given, so that {@code /health} is; of the most connections they are a few MB. */
    static final int SMALL = 64 * 1024;

    private final Collection<AdminConnection> connections;

    Budget(Collection<AdminConnection> connections) {
        this.connections = connections;
    }

    /** This answer, or one that says that there is no room for it. A big one alone has room, however big it is. */
    Outgoing allowed(Outgoing answer) {
        long own = answer.body().length;
        long others = own <= SMALL ? 0 : keptBut(answer.body());
        return others == 0 || others + own <= MOST_BYTES
                ? answer
                : Answer.text(503, "too much is on its way to clients that are slow to read")
                        .outgoing(false);
    }

    /** What is shared counts once. */
    private long keptBut(byte[] own) {
        Set<byte[]> bodies = Collections.newSetFromMap(new IdentityHashMap<>());
        for (AdminConnection connection : connections) {
            byte[] body = connection.kept();
            if (body != null && body != own) {
                bodies.add(body);
            }
        }
        return bodies.stream()
                .mapToLong(body -> body.length)
                .filter(size -> size > SMALL)
                .sum();
    }
}
