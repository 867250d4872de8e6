package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.selection.ClientConnection;
import java.util.List;

/** Every connection goes to one backend. */
record FixedRoute(Backend backend) implements Route, Router {
    @Override
    public Route next(ClientConnection connection, List<Route> failed) {
        return this;
    }
}
