/** Whether a backend may get connections at all: {@link io.lb4j.health.HealthChecker} and when it runs. */
@NullMarked
package io.lb4j.health;

import org.jspecify.annotations.NullMarked;
