/**
 * A balancer as an MXBean, for whoever wants it: {@link io.lb4j.jmx.JmxRegistration}. Needs {@code java.management}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.jmx;

import org.jspecify.annotations.NullMarked;
