/**
 * A relay as a good Netty programmer would write it: what lb4j has to be measured against on the JVM. It is no part of
 * lb4j.
 */
@NullMarked
package io.lb4j.benchmarks.netty;

import org.jspecify.annotations.NullMarked;
