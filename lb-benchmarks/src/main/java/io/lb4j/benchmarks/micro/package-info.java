/** JMH benchmarks of single operations. */
@NullMarked
package io.lb4j.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
