/**
 * Clients and backends on one thread: {@link io.lb4j.benchmarks.load.Load} runs one
 * {@link io.lb4j.benchmarks.load.Work} at a time, counts what arrives and checks every byte of it.
 */
@NullMarked
package io.lb4j.benchmarks.load;

import org.jspecify.annotations.NullMarked;
