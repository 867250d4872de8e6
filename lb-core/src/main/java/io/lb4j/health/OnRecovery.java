package io.lb4j.health;

/**
 * What happens when a preferred backend is UP again, and others have taken over meanwhile. Preferred are those of a lower
 * {@linkplain io.lb4j.backend.Backend#withPriority priority number}; with {@link
 * io.lb4j.selection.BackendSelector#first() first()} also, among those of the same number, each to all that come after it
 * in the list. Where no backend is preferred to another, all three are the same.
 *
 * <p>Which connections go on when a backend goes DOWN is another question, and {@link OnDown} its answer: for a primary
 * and its reserve, where two that are written to are worse than none, ask for {@link OnDown#CLOSE} as well.
 */
public enum OnRecovery {
    /** New connections go to the preferred one; those that others have go on, for as long as they last. The default. */
    KEEP,
    /**
     * New connections go to the preferred one, and those that others have are reset at that moment, with {@link
     * io.lb4j.event.CloseReason#FAIL_BACK}: nobody stays on the reserve. Those of a backend that an operator has taken out
     * have what he gave them. Another list of backends is no recovery, whoever comes first in it. HAProxy has it as {@code
     * on-marked-up shutdown-backup-sessions}.
     */
    CLOSE_LOWER_TIERS,
    /**
     * New connections stay with who took over until that one fails in its turn: is DOWN, ejected, disabled, drained or
     * removed. At no time do two of which one is preferred to the other get new connections; so while the one in charge
     * cannot be connected to, and has not been found DOWN, connections fail instead of going elsewhere. keepalived calls
     * it {@code nopreempt}.
     */
    STAY
}
