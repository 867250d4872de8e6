/** An embeddable Layer-4 TCP load balancer. Start reading at {@link io.lb4j.LoadBalancer}. */
module io.lb4j {
    requires jdk.net;
    requires org.slf4j;
    // For discovery over DNS, which finds its provider, jdk.naming.dns, at run time; the rest works without them.
    requires static java.naming;
    requires static org.jspecify;

    exports io.lb4j;
    exports io.lb4j.backend;
    exports io.lb4j.discovery;
    exports io.lb4j.event;
    exports io.lb4j.health;
    exports io.lb4j.proxy;
    exports io.lb4j.selection;
    exports io.lb4j.stats;
}
