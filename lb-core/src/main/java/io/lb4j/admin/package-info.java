/**
 * A small HTTP server that shows a balancer and, with a token, lets its backends be changed:
 * {@link io.lb4j.admin.AdminServer}. Needs the module {@code jdk.httpserver}.
 */
@NullMarked
package io.lb4j.admin;

import org.jspecify.annotations.NullMarked;
