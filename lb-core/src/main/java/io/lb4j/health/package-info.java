/**
 * Whether a backend may get connections at all: {@link io.lb4j.health.HealthChecker} and when it runs.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.health;

import org.jspecify.annotations.NullMarked;
