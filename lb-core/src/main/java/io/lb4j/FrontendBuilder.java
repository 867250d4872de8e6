package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.FrontendSettings;
import io.lb4j.proxy.PortRange;
import io.lb4j.selection.ClientConnection;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one frontend of a balancer: what concerns its clients, and which pool they get. To be used within the
 * call it was handed to, by one thread.
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class FrontendBuilder extends FrontendSettings<FrontendBuilder> {
    private Destination destination = Destination.pool(Backend.DEFAULT_POOL);

    FrontendBuilder(String host, PortRange ports) {
        super(host, ports);
    }

    @Override
    protected FrontendBuilder self() {
        return this;
    }

    /**
     * The pool that clients of this frontend get. The last of {@code pool}, {@code route} and {@code routes} wins. Default: the pool that is
     * set up on the balancer's builder itself.
     *
     * @param name a pool of this balancer; whether it is there is checked when the frontend begins to listen
     * @throws IllegalArgumentException when it is empty, longer than 255, or holds blanks or control characters
     */
    public FrontendBuilder pool(String name) {
        return leads(Destination.pool(Checks.word("pool", name)), ConnectWhen.ACCEPTED);
    }

    /**
     * Which pool a client of this frontend gets is found out for each connection: by the name that this function returns;
     * null refuses it. A function that goes by what a client of TLS asks for wants {@link #connectWhen} to be {@link
     * ConnectWhen#CLIENT_HELLO}: nobody has heard it before. It is called on the event loop that serves the connection, by several loops at the same time, for
     * each attempt anew, and must not block. Its answer is not to depend on the {@linkplain ClientConnection#attempt attempt}:
     * who has waited for a place waits where he was; what it throws, and a name that no pool has, is logged (at most once a
     * second) and refuses the connection. The last of this, {@code pool} and
     * {@link #routes} wins.
     */
    public FrontendBuilder route(Function<ClientConnection, @Nullable String> route) {
        return leads(new Destination(null, Checks.notNull("route", route), null), ConnectWhen.ACCEPTED);
    }

    /**
     * Which pool a client of this frontend gets, by what he says first: by the host and the protocol that a client of TLS asks for
     * in the clear (SNI, ALPN). Nothing of TLS is ended here: what he says goes to the backend unchanged. So a client is heard
     * before a backend is chosen, and one who is silent for too long, or does not speak as
     * he begins to, is reset. The last of {@code pool}, {@code route} and {@code routes} wins.
     *
     * <pre>{@code
     * frontend.routes(routes -> routes
     *         .serverName("api.example.com", "api")
     *         .serverName("*.example.com", "web")
     *         .notTls("ssh"))
     * }</pre>
     *
     * <p>A client says what he likes: a rule chooses a way, and is no access rule. It sees his first hello only, and with Encrypted
     * Client Hello the name of whoever hides him. Protocols that begin in the clear and change to TLS later (SMTP on port 587,
     * MySQL, PostgreSQL before {@code sslnegotiation=direct}) name no host here.
     *
     * @throws IllegalArgumentException when there is no rule; and what the builder throws
     */
    public FrontendBuilder routes(Consumer<Routes.Builder> rules) {
        Routes routes = Routes.of(rules);
        return leads(
                new Destination(null, routes::poolOf, routes),
                routes.hasNotTls() ? ConnectWhen.CLIENT_HELLO_OR_SILENCE : ConnectWhen.CLIENT_HELLO);
    }

    private FrontendBuilder leads(Destination to, ConnectWhen least) {
        destination = to;
        connectNotBefore(least);
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
