package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.access.ClientLimits;
import io.lb4j.internal.util.Checks;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Who may come in at a frontend, and how many: settings that can be changed while it runs. Each setter checks its value at
 * once; the last value set wins. Not thread-safe.
 *
 * @param <S> what the setters return: this
 */
public abstract class EntrySettings<S extends EntrySettings<S>> {
    private EntryPolicy entry;

    EntrySettings(EntryPolicy entry) {
        this.entry = entry;
    }

    /** This builder. */
    protected abstract S self();

    /**
     * Which clients may come in, by their addresses. Anybody else is reset before a byte of his has been read and before a
     * backend is chosen. The builder handed in has no rule; what was set before is replaced as a whole. Default: everybody
     * may.
     *
     * <pre>{@code
     * frontend.access(rules -> rules.deny("10.9.0.0/16").allow("10.0.0.0/8").otherwiseDeny())
     * }</pre>
     *
     * @throws IllegalArgumentException when a block is not one
     */
    public S access(Consumer<AccessRules.Builder> rules) {
        return access(AccessRules.of(rules));
    }

    /** {@link #access(Consumer)}, with rules that were made elsewhere. */
    public S access(AccessRules rules) {
        return entry(Checks.notNull("access", rules), Optional.empty(), entry.clientLimits(), entry.acceptRate());
    }

    /**
     * Which clients may come in is in a file, as {@link AccessRules#parse} takes its lines. It is read when the frontend begins
     * to listen, and is looked at once a second: a change of the contents holds for whoever is accepted from then on. As long
     * as it is missing or wrong after that, the rules stay that were read last, and the log says so once. Takes the place of
     * {@link #access}.
     */
    public S accessFile(Path file) {
        Path absolute = Checks.notNull("accessFile", file).toAbsolutePath();
        return entry(entry.access(), Optional.of(absolute), entry.clientLimits(), entry.acceptRate());
    }

    /**
     * How much one client may have of this frontend: connections at a time, and how often he may connect; what he has of other
     * frontends is theirs to count. What is more is reset before a byte has been read. The builder handed in holds the present values, or the defaults. Those who
     * are connected when the first limit is set are not counted. Default: no limits.
     *
     * @throws IllegalArgumentException when neither a number nor a rate is set, or a value is out of its range
     */
    public S clientLimits(Consumer<ClientLimits.Builder> limits) {
        ClientLimits.Builder present =
                entry.clientLimits().map(ClientLimits::toBuilder).orElseGet(ClientLimits::builder);
        Checks.filled("clientLimits", limits, present);
        return entry(entry.access(), entry.accessFile(), Optional.of(present.build()), entry.acceptRate());
    }

    /** Every client may have as much as he likes: the default. */
    public S noClientLimits() {
        return entry(entry.access(), entry.accessFile(), Optional.empty(), entry.acceptRate());
    }

    /**
     * How many clients are accepted in a second: a tenth of them (and at least one) at once, then one after another. When it is
     * too early for one more, accepting pauses until it is not; clients wait in the kernel's backlog, and are not reset. Those
     * that are reset because of their address or their limits count as well. Default: any number.
     *
     * @throws IllegalArgumentException when it is not within 1..1,000,000
     */
    public S acceptRate(int perSecond) {
        Checks.range("acceptRate", perSecond, 1, EntryPolicy.MOST_IN_A_SECOND);
        return entry(entry.access(), entry.accessFile(), entry.clientLimits(), OptionalInt.of(perSecond));
    }

    /** Clients are accepted as they come: the default. */
    public S noAcceptRate() {
        return entry(entry.access(), entry.accessFile(), entry.clientLimits(), OptionalInt.empty());
    }

    private S entry(
            AccessRules access,
            Optional<Path> accessFile,
            Optional<ClientLimits> clientLimits,
            OptionalInt acceptRate) {
        entry = new EntryPolicy(access, accessFile, clientLimits, acceptRate);
        return self();
    }

    EntryPolicy entry() {
        return entry;
    }
}
