/** A balancer's figures as meters of Micrometer. Needs {@code micrometer-core}, which the library does not bring. */
@NullMarked
package io.lb4j.micrometer;

import org.jspecify.annotations.NullMarked;
