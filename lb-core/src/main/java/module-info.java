/** An embeddable Layer-4 TCP load balancer. Start reading at {@link io.lb4j.LoadBalancer}. */
@SuppressWarnings("requires-automatic") // micrometer.core
module io.lb4j {
    requires jdk.net;
    requires transitive org.slf4j;
    // For discovery over DNS, which finds its provider, jdk.naming.dns, at run time; the rest works without them.
    requires static java.naming;
    // For the number of descriptors, io.lb4j.jmx, io.lb4j.micrometer and the flight recorder's events; the rest works
    // without them.
    requires static transitive java.management;
    requires static jdk.management;
    requires static jdk.jfr;
    requires static micrometer.core;
    requires static org.jspecify;

    exports io.lb4j;
    exports io.lb4j.access;
    exports io.lb4j.admin;
    exports io.lb4j.backend;
    exports io.lb4j.discovery;
    exports io.lb4j.event;
    exports io.lb4j.health;
    exports io.lb4j.jmx;
    exports io.lb4j.micrometer;
    exports io.lb4j.preface;
    exports io.lb4j.proxy;
    exports io.lb4j.selection;
    exports io.lb4j.stats;
    exports io.lb4j.tls;
}
