package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.proxy.FrontendSettings;
import io.lb4j.proxy.PortRange;
import io.lb4j.selection.ClientConnection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one frontend of a balancer: what concerns its clients, and which pool they get. To be used within the
 * call it was handed to, by one thread.
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class FrontendBuilder extends FrontendSettings<FrontendBuilder> {
    private Destination destination = new Destination(Backend.DEFAULT_POOL, null);

    FrontendBuilder(String host, PortRange ports) {
        super(host, ports);
    }

    @Override
    protected FrontendBuilder self() {
        return this;
    }

    /**
     * The pool that clients of this frontend get. The last of {@code pool} and {@code route} wins. Default: the pool that is
     * set up on the balancer's builder itself.
     *
     * @param name a pool of this balancer; whether it is there is checked when the frontend begins to listen
     * @throws IllegalArgumentException when it is empty, longer than 255, or holds blanks or control characters
     */
    public FrontendBuilder pool(String name) {
        destination = new Destination(Checks.word("pool", name), null);
        return this;
    }

    /**
     * Which pool a client of this frontend gets is found out for each connection: by the name that this function returns;
     * null refuses it. It is called on the event loop that serves the connection, by several loops at the same time, for
     * each attempt anew, and must not block. Its answer is not to depend on the {@linkplain ClientConnection#attempt attempt}:
     * who has waited for a place waits where he was; what it throws, and a name that no pool has, is logged (at most once a
     * second) and refuses the connection. The last of {@code pool} and {@code route} wins.
     */
    public FrontendBuilder route(Function<ClientConnection, @Nullable String> route) {
        destination = new Destination(null, Checks.notNull("route", route));
        return this;
    }

    /** Its name as it is now. */
    String name() {
        return nameOrDefault();
    }

    Destination destination() {
        return destination;
    }
}
