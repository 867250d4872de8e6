/** The value everything else talks about: a backend, and what is known of it. */
@NullMarked
package io.lb4j.backend;

import org.jspecify.annotations.NullMarked;
