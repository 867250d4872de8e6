package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one frontend, wherever its connections go. Each setter checks its value at once; the last value set
 * wins. To be used within the call it was handed to, by one thread.
 *
 * @param <S> the builder these are settings of
 */
public abstract class FrontendSettings<S extends FrontendSettings<S>> extends EntrySettings<S> {
    private final String host;
    private final PortRange ports;
    private @Nullable String name;
    private UnaryOperator<TimeoutPolicy> timeouts = UnaryOperator.identity();
    private ProxyTlvs tlvs = ProxyTlvs.NONE;

    /** What it takes to tell where connections go. */
    private ConnectWhen least = ConnectWhen.ACCEPTED;

    /**
     * For the library itself.
     *
     * @throws IllegalArgumentException when the host is empty or not a host
     * @hidden
     */
    protected FrontendSettings(String host, PortRange ports) {
        super(EntryPolicy.OPEN);
        this.host = Hosts.withoutBrackets(Checks.word("listen host", host));
        this.ports = Checks.notNull("listen ports", ports);
    }

    /**
     * The name of this frontend in events, stats and logs; unique within a balancer. Default: host and port as they were
     * given, as in {@code 0.0.0.0:8080}, {@code [::1]:8080} and {@code 10.0.0.1:30000-30100}; for any free port
     * {@code 127.0.0.1:any}.
     *
     * @throws IllegalArgumentException when it is empty, longer than 255, or holds blanks or control characters
     */
    public S name(String name) {
        this.name = Checks.word("frontend name", name);
        return self();
    }

    /**
     * How long things may take for connections of this frontend. The builder handed in holds the values of the whole
     * balancer, and what is not set here follows those, also when they are changed while it runs; so it may be called
     * several times. What it throws comes out of {@code start}, or of what changed the others.
     */
    public S timeouts(Consumer<TimeoutPolicy.Builder> timeouts) {
        Checks.notNull("timeouts", timeouts);
        UnaryOperator<TimeoutPolicy> before = this.timeouts;
        this.timeouts = ofProxy -> {
            TimeoutPolicy.Builder policy = before.apply(ofProxy).toBuilder();
            timeouts.accept(policy);
            return policy.build();
        };
        return self();
    }

    /**
     * What else backends are told of the connections of this frontend, if they are sent headers of version 2 of the PROXY protocol
     * ({@link Backend#withProxyProtocol}): version 1 has no room for it. What was set before is replaced as a whole. Default:
     * nothing but addresses.
     *
     * @throws IllegalArgumentException when a value is out of its range
     */
    public S proxyTlvs(Consumer<ProxyTlvs.Builder> tlvs) {
        this.tlvs = ProxyTlvs.of(tlvs);
        return self();
    }

    /**
     * What it takes to tell where connections go: {@link #connectWhen} is this, unless more was set.
     *
     * @hidden
     */
    protected final void connectNotBefore(ConnectWhen least) {
        this.least = least;
    }

    /** What was set; with this router. */
    FrontendPlan plan(@Nullable Router router, String destination) {
        return new FrontendPlan(
                nameOrDefault(), host, ports, timeouts, entry().waitingFor(least), tlvs, least, router, destination);
    }

    /**
     * The name as it is now: the one that was set, or the default.
     *
     * @hidden
     */
    protected final String nameOrDefault() {
        if (name != null) {
            return name;
        }
        return ports.first() == 0 ? Hosts.bracketed(host) + ":any" : ports.of(host);
    }
}
