package io.lb4j.internal.relay;

import io.lb4j.internal.util.Preload;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What holds back the directions of one connection; null where nothing does. Confined to the connection's loop. */
public record Throttles(
        @Nullable Throttle toBackend, @Nullable Throttle toClient) {
    private static final Throttles NONE = new Throttles(null, null);

    /** Whatever it needs for a connection is there then, also when the process is short of descriptors. */
    public static void load() {
        Preload.classes(ThrottledPair.class, ThrottledRelay.class);
    }

    /** Null when none of these has a limit. */
    public static @Nullable Throttles of(Collection<TokenBuckets> all) {
        Throttle toBackend =
                Throttle.of(all.stream().map(TokenBuckets::toBackend).toList());
        Throttle toClient = Throttle.of(all.stream().map(TokenBuckets::toClient).toList());
        return toBackend == null && toClient == null ? null : new Throttles(toBackend, toClient);
    }

    /** The directions of this connection, held back by these. */
    static RelayPair pair(@Nullable Throttles throttles, Relayed connection, Endpoint client, Endpoint backend) {
        return throttles == null
                ? new RelayPair(connection, client, backend, NONE)
                : new ThrottledPair(connection, client, backend, throttles);
    }
}
