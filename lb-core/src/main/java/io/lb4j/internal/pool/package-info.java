/**
 * The pools of one balancer: of each, one immutable snapshot behind one volatile field. Not exported.
 *
 * <p>{@link io.lb4j.internal.pool.BackendPool} is what connections and checks meet, {@link
 * io.lb4j.internal.pool.Administration} what operators and discoveries do; both change {@code PoolState}, which holds the
 * snapshot. Inside it, {@code Members} are the backends, each with what is known of it, {@code Tiers} who is offered to
 * selectors, in a {@code CandidateList} for each priority. A {@code PooledBackend} is a backend's place, which outlives every
 * change of what is known. {@code BackendIds} is all that pools of one balancer know of each other.
 *
 * <p>How connections come: {@code Dispatch}, and the {@code WaitingLine} of those for whom there is no room. What follows
 * from changes: {@code Failover} and {@code Leader}. Who comes and goes: {@code Arrivals}, {@code Departures} with their
 * {@code Drains}, and {@code Replacement} for whole lists.
 */
@NullMarked
package io.lb4j.internal.pool;

import org.jspecify.annotations.NullMarked;
