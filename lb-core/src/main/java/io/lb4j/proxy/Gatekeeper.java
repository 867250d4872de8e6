package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.access.Cidr;
import io.lb4j.access.ClientLimits;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Says who is let in at one frontend: by its access rules, then by what a client has already. Immutable but for the table. */
final class Gatekeeper {
    private final AccessRules access;

    /** Null where clients have no limits. */
    private final ClientTable.@Nullable Limits limits;

    private final ClientTable clients;

    /** Who is counted: all but those who are exempt. */
    private final AccessRules counted;

    Gatekeeper(AccessRules access, @Nullable ClientLimits limits, ClientTable clients) {
        this.access = access;
        this.limits = limits == null ? null : ClientTable.Limits.of(limits);
        this.clients = clients;
        AccessRules.Builder all = AccessRules.builder();
        if (limits != null) {
            for (Cidr exempt : limits.exempt()) {
                all.deny(exempt);
            }
        }
        counted = all.build();
    }

    /** A place for a client who has just been accepted, or why he gets none. Allocates what the table needs and no more. */
    ClientPlace admit(InetAddress client, long now) {
        if (!access.allows(client)) {
            return ClientPlace.DENIED;
        }
        return limits == null || !counted.allows(client) ? ClientPlace.UNCOUNTED : clients.enter(client, limits, now);
    }
}
