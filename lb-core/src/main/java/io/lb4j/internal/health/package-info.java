/** The scheduling of health checks: when, how many at once, and what a result means. Not exported. */
@NullMarked
package io.lb4j.internal.health;

import org.jspecify.annotations.NullMarked;
