/** Events of the JDK Flight Recorder. Used where the module {@code jdk.jfr} is there. */
@NullMarked
package io.lb4j.internal.jfr;

import org.jspecify.annotations.NullMarked;
