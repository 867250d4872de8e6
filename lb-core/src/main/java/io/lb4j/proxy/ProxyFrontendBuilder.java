package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import org.jspecify.annotations.Nullable;

/** The settings of one frontend of a {@link TcpProxy}. To be used within the call it was handed to, by one thread. */
public final class ProxyFrontendBuilder extends FrontendSettings<ProxyFrontendBuilder> {
    private @Nullable Router router;
    private String destination = "";

    ProxyFrontendBuilder(String host, PortRange ports) {
        super(host, ports);
    }

    @Override
    protected ProxyFrontendBuilder self() {
        return this;
    }

    /**
     * Connects the clients of this frontend to this backend. The last of {@code to} and {@code router} wins. Default: to
     * where those of the whole proxy go.
     *
     * @throws IllegalArgumentException as {@link Backend#of}
     */
    public ProxyFrontendBuilder to(String host, int port) {
        FixedRoute route = new FixedRoute(Backend.of(host, port));
        return router(route, route.backend().hostAndPort());
    }

    /** Connects the clients of this frontend to where this router says. The last of {@code to} and {@code router} wins. */
    public ProxyFrontendBuilder router(Router router) {
        return router(Checks.notNull("router", router), "router");
    }

    /**
     * For the library itself.
     *
     * @param destination where the router leads, for people
     * @hidden
     */
    public ProxyFrontendBuilder router(Router router, String destination) {
        this.router = router;
        this.destination = destination;
        return this;
    }

    FrontendPlan plan() {
        return plan(router, destination);
    }
}
