/**
 * A small HTTP server that shows balancers and, with a token, lets their backends be changed and connections be ended:
 * {@link io.lb4j.admin.AdminServer}. It speaks HTTP itself, as far as it needs to: the JDK's server reads a request on a thread
 * that waits for ever, so a few clients that send half of one silence it.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.admin;

import org.jspecify.annotations.NullMarked;
