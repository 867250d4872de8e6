/**
 * What an event loop is made of, and what knows nothing of connections: its selector, its deadlines, its memory, its
 * counters.
 */
@org.jspecify.annotations.NullMarked
package io.lb4j.internal.loop;
