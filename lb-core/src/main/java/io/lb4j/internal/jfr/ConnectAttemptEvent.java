package io.lb4j.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** An attempt to connect to a backend has succeeded or failed. */
@Name("io.lb4j.ConnectAttempt")
@Label("Connect Attempt")
@Description("An attempt to connect to a backend has succeeded or failed.")
@Category("lb4j")
@StackTrace(false)
final class ConnectAttemptEvent extends Event {
    @Label("Balancer")
    @Nullable
    String balancer;

    @Label("Connection")
    long connection;

    @Label("Frontend")
    @Description("The name of the frontend that the client connected to")
    @Nullable
    String frontend;

    @Label("Pool")
    @Description("The name of the backend's pool")
    @Nullable
    String pool;

    @Label("Backend")
    @Nullable
    String backend;

    @Label("Attempt")
    int attempt;

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;

    @Label("Succeeded")
    boolean succeeded;

    @Label("Failure")
    @Nullable
    String failure;

    @Label("Message")
    @Nullable
    String message;
}
