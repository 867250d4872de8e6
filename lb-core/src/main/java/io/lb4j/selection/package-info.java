/**
 * Which backend gets the next connection: {@link io.lb4j.selection.BackendSelector} and what it chooses from.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.selection;

import org.jspecify.annotations.NullMarked;
