/**
 * The value everything else talks about: a backend, and what is known of it.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.backend;

import org.jspecify.annotations.NullMarked;
