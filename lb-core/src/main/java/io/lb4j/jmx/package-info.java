/** A balancer as an MXBean, for whoever wants it: {@link io.lb4j.jmx.JmxRegistration}. Needs {@code java.management}. */
@NullMarked
package io.lb4j.jmx;

import org.jspecify.annotations.NullMarked;
