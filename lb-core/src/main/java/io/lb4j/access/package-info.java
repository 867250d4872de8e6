/**
 * Who may come in: {@link io.lb4j.access.AccessRules} by address, {@link io.lb4j.access.ClientLimits} by how much a client
 * has already. Immutable values, which know nothing of connections; a frontend is given them.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.access;

import org.jspecify.annotations.NullMarked;
