/**
 * Which backends there are, asked again and again, and when there is news: {@link io.lb4j.discovery.BackendDiscovery}
 * and when it is asked.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.discovery;

import org.jspecify.annotations.NullMarked;
