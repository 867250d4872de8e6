/** What happened, told as it happens: listeners, and the plain values they are given. */
@NullMarked
package io.lb4j.event;

import org.jspecify.annotations.NullMarked;
