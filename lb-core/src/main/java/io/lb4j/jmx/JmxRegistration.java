package io.lb4j.jmx;

import io.lb4j.LoadBalancer;
import io.lb4j.internal.util.Checks;
import java.lang.management.ManagementFactory;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanRegistrationException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/**
 * A balancer that is registered with JMX as {@code io.lb4j:type=LoadBalancer,name="<its name>"}.
 *
 * <pre>{@code
 * JmxRegistration.of(lb);
 * }</pre>
 *
 * <p>It is unregistered when the balancer has ended, or by {@link #close}. Thread-safe.
 */
public final class JmxRegistration implements AutoCloseable {
    private final MBeanServer server;
    private final ObjectName name;

    private JmxRegistration(MBeanServer server, ObjectName name) {
        this.server = server;
        this.name = name;
    }

    /**
     * Registers a balancer with the platform's MBean server.
     *
     * @throws IllegalStateException when another one of its name is registered, or it is closed
     */
    public static JmxRegistration of(LoadBalancer balancer) {
        return of(balancer, ManagementFactory.getPlatformMBeanServer());
    }

    /**
     * Registers a balancer.
     *
     * @throws IllegalStateException when another one of its name is registered, or it is closed
     */
    public static JmxRegistration of(LoadBalancer balancer, MBeanServer server) {
        ObjectName name = nameOf(Checks.notNull("balancer", balancer));
        if (balancer.isClosed()) {
            throw new IllegalStateException(balancer.name() + " is closed");
        }
        try {
            server.registerMBean(new LoadBalancerBean(balancer), name);
        } catch (InstanceAlreadyExistsException second) {
            throw new IllegalStateException(
                    "balancer name: " + balancer.name() + " (expected: one that is not registered as " + name
                            + " yet; give one of the two another name(...))",
                    second);
        } catch (JMException failure) {
            throw new IllegalStateException("cannot register " + name + ": " + failure.getMessage(), failure);
        }
        JmxRegistration registration = new JmxRegistration(server, name);
        var unused = balancer.whenClosed().thenRun(registration::close);
        return registration;
    }

    private static ObjectName nameOf(LoadBalancer balancer) {
        try {
            return new ObjectName("io.lb4j:type=LoadBalancer,name=" + ObjectName.quote(balancer.name()));
        } catch (MalformedObjectNameException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The name it is registered by. */
    public ObjectName name() {
        return name;
    }

    /** Unregisters it, if it still is registered; the balancer goes on. */
    @Override
    public void close() {
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException alreadyGone) {
            // That is what was wanted.
        } catch (MBeanRegistrationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
