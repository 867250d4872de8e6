/**
 * Which backend gets the next connection: {@link io.lb4j.selection.BackendSelector} and what it chooses from.
 *
 * <p>Costs of selectors hold with up to 10,000 backends, also while some are at their limit and on further attempts: a
 * list without those is a view. "Constant" then means the logarithm of how many are missing.
 *
 * <p>A selector can be shared by up to eight pools: what it remembers, it remembers for the list of each; only round robin
 * of equal weights, the same counter for all, is less even then within each.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.selection;

import org.jspecify.annotations.NullMarked;
