/**
 * What happened, told as it happens: listeners, and the plain values they are given.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.event;

import org.jspecify.annotations.NullMarked;
