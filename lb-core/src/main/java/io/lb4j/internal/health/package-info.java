/**
 * The scheduling of health checks: when, how many at once, and what a result means. Not exported.
 *
 * <p>{@link io.lb4j.internal.health.HealthMonitor} has a {@code Roster} of those that are checked. A {@code BackendCheck} is
 * the life of one backend's checks: the {@code NextCheck}, which waits for one of the {@code Slots}, the {@code Attempt},
 * which runs on a health thread, and the {@code Finding}, which is what all of them found.
 */
@NullMarked
package io.lb4j.internal.health;

import org.jspecify.annotations.NullMarked;
