package io.lb4j.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The status of a backend has changed. */
@Name("io.lb4j.BackendStatus")
@Label("Backend Status")
@Description("The status of a backend has changed.")
@Category("lb4j")
@StackTrace(false)
final class BackendStatusEvent extends Event {
    @Label("Balancer")
    @Nullable
    String balancer;

    @Label("Pool")
    @Description("The name of the backend's pool")
    @Nullable
    String pool;

    @Label("Backend")
    @Nullable
    String backend;

    @Label("Before")
    @Nullable
    String before;

    @Label("After")
    @Nullable
    String after;

    @Label("Because")
    @Nullable
    String because;
}
