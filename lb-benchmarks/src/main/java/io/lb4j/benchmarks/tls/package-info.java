/** The JDK's own TLS, measured by itself before anything is built on it. */
@NullMarked
package io.lb4j.benchmarks.tls;

import org.jspecify.annotations.NullMarked;
