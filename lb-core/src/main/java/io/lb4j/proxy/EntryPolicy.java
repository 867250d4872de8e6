package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.access.ClientLimits;
import io.lb4j.internal.util.Checks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Who may come in at a frontend, and how many. As a client comes, it is asked in this order: whether it is too early for one
 * more, whether his address is allowed, whether he has too much already.
 *
 * @param access which clients may come in; with a file, what was last read from it
 * @param accessFile where these rules are read from again and again; empty when they are from no file
 * @param clientLimits how much one client may have; empty for as much as he likes
 * @param acceptRate how many clients are accepted in a second, 1..1,000,000; empty for any number
 */
public record EntryPolicy(
        AccessRules access, Optional<Path> accessFile, Optional<ClientLimits> clientLimits, OptionalInt acceptRate) {
    static final int MOST_IN_A_SECOND = 1_000_000;

    /** Everybody may come in, at any time. */
    static final EntryPolicy OPEN =
            new EntryPolicy(AccessRules.allowAll(), Optional.empty(), Optional.empty(), OptionalInt.empty());

    /**
     * A policy of these parts.
     *
     * @throws IllegalArgumentException when the rate is out of its range
     */
    public EntryPolicy {
        acceptRate.ifPresent(rate -> Checks.range("acceptRate", rate, 1, MOST_IN_A_SECOND));
    }

    EntryPolicy withAccess(AccessRules rules) {
        return new EntryPolicy(rules, accessFile, clientLimits, acceptRate);
    }

    /** The same with the rules that are in its file now, if it has one. */
    EntryPolicy read() throws IOException {
        return accessFile.isEmpty() ? this : withAccess(AccessRules.read(accessFile.get()));
    }
}
