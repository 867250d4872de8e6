package io.lb4j.proxy;

import io.lb4j.internal.util.Hosts;
import java.net.InetAddress;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A frontend that is to be: where it listens, and where its connections go. Immutable.
 *
 * @param timeouts makes its timeouts of those of the whole proxy
 * @param entry who may come in
 * @param tlvs what backends are told of its connections besides addresses
 * @param least what it takes to tell where connections go
 * @param router where its connections go; null where those of the whole proxy go
 * @param destination the same in words
 */
record FrontendPlan(
        String name,
        String host,
        PortRange ports,
        UnaryOperator<TimeoutPolicy> timeouts,
        EntryPolicy entry,
        ProxyTlvs tlvs,
        ConnectWhen least,
        @Nullable Router router,
        String destination) {
    FrontendPlan withRouterIfNone(@Nullable Router other, String otherDestination) {
        return router != null || other == null
                ? this
                : new FrontendPlan(name, host, ports, timeouts, entry, tlvs, least, other, otherDestination);
    }

    FrontendConfig config(TimeoutPolicy ofProxy) {
        return new FrontendConfig(name, host, ports, timeouts.apply(ofProxy), entry, destination);
    }

    String hostAndPorts() {
        return ports.of(host);
    }

    /**
     * Refuses it beside these.
     *
     * @throws IllegalArgumentException when one of them has its name or listens there
     */
    void refuseAmong(List<FrontendPlan> others) {
        refusePlaceAmong(others);
        refuseNameAmong(others);
    }

    /** Refuses it beside these, if one of them listens there. */
    void refusePlaceAmong(List<FrontendPlan> others) {
        others.stream().filter(this::overlaps).findFirst().ifPresent(other -> {
            throw new IllegalArgumentException("listen: " + hostAndPorts()
                    + " (expected: a place where no other frontend listens; " + other.name() + " listens on "
                    + other.hostAndPorts() + ")");
        });
    }

    /** Refuses it beside these, if one of them has its name. */
    void refuseNameAmong(List<FrontendPlan> others) {
        if (others.stream().anyMatch(other -> name.equals(other.name))) {
            throw new IllegalArgumentException(
                    "frontend name: " + name + " (expected: one that no other frontend has)");
        }
    }

    /** Whether both would listen at the same place, as far as can be told without asking a name server. */
    boolean overlaps(FrontendPlan other) {
        return ports.overlaps(other.ports) && (host.equals(other.host) || areOneAddress(host, other.host));
    }

    private static boolean areOneAddress(String host, String other) {
        InetAddress one = Hosts.literal(host);
        InetAddress two = Hosts.literal(other);
        return one != null && two != null && (one.equals(two) || one.isAnyLocalAddress() || two.isAnyLocalAddress());
    }
}
