/**
 * The pools of one balancer: of each, one immutable snapshot behind one volatile field. Not exported.
 *
 * <p>{@link io.lb4j.internal.pool.BackendPool} is what connections and checks meet, {@link
 * io.lb4j.internal.pool.Administration} what operators and discoveries do; both change {@code PoolState}, which holds the
 * snapshot. Inside it, a {@code Member} is a backend with what is known of it, a {@code CandidateList} who is offered to
 * selectors. A {@code PooledBackend} is a backend's place, which outlives every change of what is known.
 * {@code BackendIds} is all that pools of one balancer know of each other.
 */
@NullMarked
package io.lb4j.internal.pool;

import org.jspecify.annotations.NullMarked;
