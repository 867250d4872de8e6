/** The end-to-end comparison: which programs, in which order, and what is made of the figures. */
@NullMarked
package io.lb4j.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
