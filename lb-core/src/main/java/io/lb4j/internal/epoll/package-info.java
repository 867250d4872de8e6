/**
 * The native transport: sockets of Linux by its own calls. Its classes are for Java 22 and newer, in a part of the jar that
 * older ones do not see; here is what finds them.
 */
@NullMarked
package io.lb4j.internal.epoll;

import org.jspecify.annotations.NullMarked;
