/** What happened, counted: immutable snapshots that can be subtracted from each other. */
@NullMarked
package io.lb4j.stats;

import org.jspecify.annotations.NullMarked;
