/**
 * A balancer's figures as meters of Micrometer. Needs {@code micrometer-core}, which the library does not bring.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.micrometer;

import org.jspecify.annotations.NullMarked;
