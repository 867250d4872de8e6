/**
 * What happened, counted: immutable snapshots that can be subtracted from each other.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.stats;

import org.jspecify.annotations.NullMarked;
