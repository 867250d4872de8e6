/**
 * What lb4j costs. {@code micro}: JMH benchmarks of single operations. {@code compare}: lb4j beside other proxies, end to
 * end, driven by {@code load}, which is client and backend in one. Start reading at
 * {@link io.lb4j.benchmarks.compare.Comparison}.
 */
@NullMarked
package io.lb4j.benchmarks;

import org.jspecify.annotations.NullMarked;
