/** How long connections wait while every backend is full, beside how long they have to. */
@NullMarked
package io.lb4j.benchmarks.queue;

import org.jspecify.annotations.NullMarked;
