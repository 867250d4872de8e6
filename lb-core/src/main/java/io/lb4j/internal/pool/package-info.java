/** The backends of one balancer: one immutable snapshot behind one volatile field. Not exported. */
@NullMarked
package io.lb4j.internal.pool;

import org.jspecify.annotations.NullMarked;
