/** Below everything: argument checks, the seams to the outside world, rate-limited logging. Not exported. */
@NullMarked
package io.lb4j.internal.util;

import org.jspecify.annotations.NullMarked;
