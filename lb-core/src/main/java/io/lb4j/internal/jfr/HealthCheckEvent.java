package io.lb4j.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A health check has passed or failed. */
@Name("io.lb4j.HealthCheck")
@Label("Health Check")
@Description("A health check has passed or failed.")
@Category("lb4j")
@StackTrace(false)
final class HealthCheckEvent extends Event {
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

    @Label("Passed")
    boolean passed;

    @Label("Message")
    @Nullable
    String message;

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;
}
