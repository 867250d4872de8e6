package io.lb4j.internal.jfr;

import io.lb4j.event.LoadBalancerListener;
import java.util.Optional;

/** The way to the flight recorder's listener, for those who do not know whether there is a flight recorder. */
public final class FlightRecording {
    private FlightRecording() {}

    /** A listener that records events of the balancer of this name; empty in a JVM without a flight recorder. */
    public static Optional<LoadBalancerListener> listener(String balancer) {
        try {
            return Optional.of(new JfrListener(balancer));
        } catch (LinkageError noFlightRecorder) {
            return Optional.empty();
        }
    }
}
