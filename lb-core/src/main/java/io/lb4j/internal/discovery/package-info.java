/** The asking of a discovery: when, how long, and what an answer changes. Not exported. */
@NullMarked
package io.lb4j.internal.discovery;

import org.jspecify.annotations.NullMarked;
