package io.lb4j.selection;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the backend of a connection.
 *
 * <p>Called once for each connection and once more for each further attempt, on the event loop that serves the
 * connection; several loops call at the same time, so an implementation must be thread-safe. It must not block: while
 * it runs, no other connection of that loop moves a byte. A call that takes long is reported in the log.
 *
 * <p>The ones that are ready made, by what they look at besides weights: nothing ({@link #roundRobin()}, {@link
 * #random()}), connections ({@link #leastConnections()}, {@link #powerOfTwoChoices()}), connect times ({@link
 * #leastConnectTime()}), the client ({@link #sticky()}); and the order alone ({@link #first()}). What every selector need
 * not care for, because it is settled before it is asked: health, weight 0, priorities, limits. Costs are given for each;
 * {@link io.lb4j.selection} says how they are meant.
 */
@FunctionalInterface
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public interface BackendSelector {
    /**
     * The candidate that gets this connection.
     *
     * @param candidates who can be chosen: at least one, all healthy, none with weight 0 or at its limit, all of one
     *     tier; on a further attempt without those that failed
     * @param connection the client, and which attempt this is; valid during the call only
     * @return one of {@code candidates}, or null to refuse the connection. Anything else (a candidate kept from an
     *     earlier call that is no longer offered) is asked for once more, then the connection is refused. If this
     *     throws, the connection is refused. A refused connection ends with
     *     {@link io.lb4j.event.CloseReason#NO_BACKEND}, or with {@link io.lb4j.event.CloseReason#CONNECT_FAILED} when
     *     an attempt has failed before.
     */
    @Nullable
    Candidate select(Candidates candidates, ClientConnection connection);

    /**
     * Whether it prefers each candidate to all that come after it, so that a backend may be the reserve of those before it;
     * see {@link io.lb4j.health.OnRecovery}. Called when the balancer starts and when its settings change; what it throws then
     * is thrown to whoever starts or changes it.
     *
     * @return false, unless it is overridden; true for {@link #first}
     */
    default boolean prefersEarlier() {
        return false;
    }

    /**
     * What of a list of backends this selector cannot make the use of that whoever wrote the list may expect: each as a
     * sentence for the log, where it is said once, when the balancer starts and when its backends or its selector have
     * changed. Called on the control thread, for health checks and events, so it must not block.
     *
     * @param backends those of the balancer, in their order; at least one
     * @return nothing, unless it is overridden
     */
    default List<String> advice(List<Backend> backends) {
        return List.of();
    }

    /**
     * This selector, applied to the backends that carry a label as long as any of them is eligible, and to all others
     * only when none is: "my own zone first". Compose it as you like:
     * {@code leastConnections().preferring("rack", "r7").preferring("zone", "a")} looks in zone a, there on rack r7.
     *
     * <p>Choose it when the way to some backends is shorter or cheaper, and those alone can carry the load. Costs a few
     * nanoseconds; a pass over all candidates when they change.
     *
     * @throws IllegalArgumentException when label or value is empty, longer than 255, or holds blanks or control
     *     characters
     */
    default BackendSelector preferring(String label, String value) {
        return new PreferringSelector(this, Checks.word("label", label), Checks.word("value", value));
    }

    /**
     * Each backend in turn, as often as its weight says, starting at the first; all loops share one rotation, so the order
     * is strict over the whole balancer. Weights are spread as evenly as can be: 5, 1, 1 give a a b a c a a and never five
     * in a row at once. Every run of (sum of weights / greatest common divisor) picks holds the exact proportions, and a
     * change of weights or backends does not start the rotation over, as long as weights differ. When a backend cannot be
     * connected to, or is at its limit, its share goes to the others by weight, not to its neighbour.
     *
     * <p>Choose it when connections cost about the same; not when they are few and long. Constant time, one atomic
     * increment for each pick. Where weights differ, the order is written down while it is gone through for the first
     * time: until it has repeated itself, after each change, a pick looks at one backend of each different weight, under
     * a lock, some nanoseconds for each; an order that repeats itself only after more than 1048576 picks stays like that.
     * The order is that of nginx's {@code weight} (smooth weighted round robin, 1.3.1).
     */
    static BackendSelector roundRobin() {
        return new RoundRobinSelector(0);
    }

    /**
     * {@link #roundRobin()} that starts somewhere in its order. Choose it for a fleet of balancers: if all began at the
     * first backend, that one would get the first connection of every one of them, after each roll-out.
     */
    static BackendSelector roundRobinFromRandomStart() {
        return new RoundRobinSelector(ThreadLocalRandom.current().nextInt());
    }

    /**
     * The backend with the fewest connections for its weight, open ones and those being opened; those that tie take
     * turns.
     *
     * <p>Choose it when connections differ much in length: databases, WebSockets, queues. Not when they are so short
     * that there is hardly ever more than one at a time: weights then mean little, use {@link #roundRobin()}.
     * A backend that fails fast has few connections and draws more: one that hangs up at once got 86 % of the clients of a
     * test with two. Health checks that only connect do not see it; {@link
     * io.lb4j.health.OutlierPolicy.Builder#countEarlyEnds countEarlyEnds()} ejects it. One pass over the candidates, some
     * nanoseconds for each, unless one without a connection is met before.
     */
    static BackendSelector leastConnections() {
        return new LeastConnectionsSelector();
    }

    /**
     * A random backend, each with the probability its weight says.
     *
     * <p>Choose it for a fleet of balancers that shall not fall into step with each other; in one balancer,
     * {@link #roundRobin()} is more even at the same cost. Constant time; with unequal weights a binary search.
     */
    static BackendSelector random() {
        return new RandomSelector(ThreadLocalRandom::current);
    }

    /**
     * Of two different backends, drawn by their weights, the one with fewer connections for its weight.
     *
     * <p>Choose it as {@link #leastConnections()}, with the same warning, with many backends or many balancers: it needs no
     * pass over all, and balancers that know only their own connections do not all run to the same idle backend. How even it is
     * hardly depends on how many backends there are (Mitzenmacher, "The Power of Two Choices in Randomized Load
     * Balancing", IEEE TPDS 12(10), 2001). Constant time; with unequal weights two binary searches.
     */
    static BackendSelector powerOfTwoChoices() {
        return BetterOfTwoSelector.byConnections(ThreadLocalRandom::current);
    }

    /**
     * Of two different backends, drawn by their weights, the one where a connection costs less: {@linkplain
     * Candidate#connectTimeNanos() the time connections took to be made} times the connections it has, by weight. The
     * average follows a slower backend at once and forgives within some 10 s ("peak EWMA", from Twitter's Finagle).
     *
     * <p>Choose it when backends are near and far, or when an overloaded one is slow to accept. On one local network
     * connect times say next to nothing: the kernel accepts for a process that hangs. A backend that hangs up at once is
     * cheap in both: see {@link #leastConnections()}. Constant time; with unequal weights two binary searches.
     */
    static BackendSelector leastConnectTime() {
        return BetterOfTwoSelector.byConnectTime(ThreadLocalRandom::current);
    }

    /**
     * The same backend for the same client address, as long as it is eligible; clients are spread over the backends by
     * weight. It keeps no list of clients: the backend follows from the address and the ids of the eligible backends
     * alone, so every balancer with the same backends, in whatever JVM, sends a client to the same one, also after a
     * restart. When a backend goes, its clients spread over the others and nobody else moves; when one comes, it takes
     * its share evenly from all.
     *
     * <p>Choose it for backends that keep something of their clients in memory. Not when few addresses bring many
     * connections (everybody behind one gateway is one client): choose another key, or a load bound. The address is
     * hashed into one of 65536 slots; constant time once a slot's backend and the one after it are known, one pass over
     * the candidates before, after each change of them, and when both are missing. Rendezvous hashing: Thaler and Ravishankar, IEEE/ACM ToN 6(1), 1998; weights
     * as by Schindelhauer and Schomaker, SPAA 2005. Ids need to be the same on all balancers, not addresses.
     * An id that nobody set holds the port: two balancers of the same machines for two ports send a client to different
     * machines. {@link #sticky(Function, Function)} with {@code Backend::host} sends it to the same one.
     */
    static BackendSelector sticky() {
        return new StickySelector(null, Backend::id, StickySelector.UNBOUNDED);
    }

    /**
     * {@link #sticky()} by a key of yours instead of the client's address: its /24, the port it connected to, or what
     * your application knows of it.
     *
     * @param key called for each pick, on the event loop, as a selector is; null stands for the client's address. What
     *     it throws refuses the connection
     */
    static BackendSelector sticky(Function<? super ClientConnection, ? extends @Nullable String> key) {
        return sticky(key, Backend::id);
    }

    /**
     * {@link #sticky(Function)} that follows from something else of a backend than its id: from its host, so that balancers
     * for several ports of the same machines send a client to the same machine; from a label that outlives ids. HAProxy
     * calls it {@code hash-key}.
     *
     * <pre>{@code
     * BackendSelector.sticky(client -> null, Backend::host)
     * }</pre>
     *
     * @param key as in {@link #sticky(Function)}
     * @param hashKey called for each candidate after each change of them, on the event loop; null stands for the id. It
     *     must be the same for a backend on all balancers, and different for different backends of one: of those with
     *     the same one of a weight, the first gets all. What it throws refuses the connection
     */
    static BackendSelector sticky(
            Function<? super ClientConnection, ? extends @Nullable String> key,
            Function<? super Backend, ? extends @Nullable String> hashKey) {
        return new StickySelector(
                Checks.notNull("key", key), Checks.notNull("hashKey", hashKey), StickySelector.UNBOUNDED);
    }

    /**
     * {@link #sticky(Function)} that keeps any backend from getting too much: one that has more than {@code loadBound}
     * times its share of the connections is passed over, for the next one in the key's own order. Consistent hashing
     * with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2016). One pass over the candidates for each pick.
     *
     * @param key as in {@link #sticky(Function)}
     * @param loadBound 1.01..100. The nearer to 1, the more even, and the more keys leave their backend; 1.25 is a
     *     usual value
     * @throws IllegalArgumentException when {@code loadBound} is out of range
     */
    static BackendSelector sticky(
            Function<? super ClientConnection, ? extends @Nullable String> key, double loadBound) {
        return sticky(key, Backend::id, loadBound);
    }

    /**
     * {@link #sticky(Function, double)} that follows from something else of a backend than its id.
     *
     * @param key as in {@link #sticky(Function)}
     * @param hashKey as in {@link #sticky(Function, Function)}
     * @param loadBound as in {@link #sticky(Function, double)}
     * @throws IllegalArgumentException when {@code loadBound} is out of range
     */
    static BackendSelector sticky(
            Function<? super ClientConnection, ? extends @Nullable String> key,
            Function<? super Backend, ? extends @Nullable String> hashKey,
            double loadBound) {
        Checks.notNull("key", key);
        Checks.notNull("hashKey", hashKey);
        if (!(loadBound >= 1.01 && loadBound <= 100)) {
            throw new IllegalArgumentException("loadBound: " + loadBound + " (expected: 1.01..100)");
        }
        return new StickySelector(key, hashKey, loadBound);
    }

    /**
     * Always the first backend that is eligible, in the order in which they were added: the second one gets a
     * connection only while the first has as many as it {@linkplain io.lb4j.backend.Backend#withMaxConnections may}.
     *
     * <p>Choose it to keep as few backends busy as will do, so that the others can be switched off. It makes no use of
     * weights and of slow start. Constant time; it is HAProxy's {@code first}.
     */
    static BackendSelector first() {
        return new FirstSelector();
    }
}
