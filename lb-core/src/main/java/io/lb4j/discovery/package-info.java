/**
 * Which backends there are, asked again and again: {@link io.lb4j.discovery.BackendDiscovery} and when it is asked.
 */
@NullMarked
package io.lb4j.discovery;

import org.jspecify.annotations.NullMarked;
