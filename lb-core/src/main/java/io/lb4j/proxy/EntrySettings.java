package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.access.Bandwidth;
import io.lb4j.access.ClientLimits;
import io.lb4j.internal.util.Checks;
import io.lb4j.tls.FrontendTls;
import io.lb4j.tls.FrontendTlsBuilder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Who may come in at a frontend, how many, and how much: settings that can be changed while it runs. Each setter checks its value at
 * once; the last value set wins. Not thread-safe.
 *
 * @param <S> what the setters return: this
 */
public abstract class EntrySettings<S extends EntrySettings<S>> {
    private EntryPolicy entry;

    EntrySettings(EntryPolicy entry) {
        this.entry = entry;
    }

    /** This builder. */
    protected abstract S self();

    /**
     * Which clients may come in, by their addresses. Anybody else is reset before a byte of his has been read and before a
     * backend is chosen. The builder handed in has no rule; what was set before is replaced as a whole. Default: everybody
     * may.
     *
     * <pre>{@code
     * frontend.access(rules -> rules.deny("10.9.0.0/16").allow("10.0.0.0/8").otherwiseDeny())
     * }</pre>
     *
     * @throws IllegalArgumentException when a block is not one
     */
    public S access(Consumer<AccessRules.Builder> rules) {
        return access(AccessRules.of(rules));
    }

    /** {@link #access(Consumer)}, with rules that were made elsewhere. */
    public S access(AccessRules rules) {
        return entry(entry.with(Checks.notNull("access", rules), Optional.empty()));
    }

    /**
     * Which clients may come in is in a file, as {@link AccessRules#parse} takes its lines. It is read when the frontend begins
     * to listen, and is looked at once a second: a change of the contents holds for whoever is accepted from then on. As long
     * as it is missing or wrong after that, the rules stay that were read last, and the log says so once. Takes the place of
     * {@link #access}.
     */
    public S accessFile(Path file) {
        Path absolute = Checks.notNull("accessFile", file).toAbsolutePath();
        return entry(entry.with(entry.access(), Optional.of(absolute)));
    }

    /**
     * How much one client may have of this frontend: connections at a time, how often he may connect, and how many bytes may
     * pass; what he has of other frontends is theirs to count. A connection that is too much is reset before a byte has been
     * read; bytes that are wait. The builder handed in holds the present values, or the defaults. Those who are connected when
     * the first limit is set are not counted. Default: no limits.
     *
     * @throws IllegalArgumentException when no limit is set, or a value is out of its range
     */
    public S clientLimits(Consumer<ClientLimits.Builder> limits) {
        ClientLimits.Builder present =
                entry.clientLimits().map(ClientLimits::toBuilder).orElseGet(ClientLimits::builder);
        Checks.filled("clientLimits", limits, present);
        return entry(entry.withLimits(Optional.of(present.build())));
    }

    /** Every client may have as much as he likes: the default. Connections that share a bandwidth by then share it until they end. */
    public S noClientLimits() {
        return entry(entry.withLimits(Optional.empty()));
    }

    /**
     * How many clients are accepted in a second: a tenth of them (and at least one) at once, then one after another. When it is
     * too early for one more, accepting pauses until it is not; clients wait in the kernel's backlog, and are not reset. Those
     * that are reset because of their address or their limits count as well. Default: any number.
     *
     * @throws IllegalArgumentException when it is not within 1..1,000,000
     */
    public S acceptRate(int perSecond) {
        Checks.range("acceptRate", perSecond, 1, EntryPolicy.MOST_IN_A_SECOND);
        return entry(entry.withRate(OptionalInt.of(perSecond)));
    }

    /** Clients are accepted as they come: the default. */
    public S noAcceptRate() {
        return entry(entry.withRate(OptionalInt.empty()));
    }

    /**
     * How many bytes each connection of this frontend may pass in a second. What a client may pass over all of its connections is
     * set by {@link #clientLimits}, and what all may by {@link LimitPolicy.Builder#bandwidth}; each holds besides the others. The
     * builder handed in holds the present values, or the defaults. When it is changed, it holds for connections that begin
     * from then on. Default: any number.
     *
     * @throws IllegalArgumentException when no direction has a limit, or a value is out of its range
     */
    public S bandwidth(Consumer<Bandwidth.Builder> bandwidth) {
        return entry(entry.withBandwidth(Optional.of(Bandwidth.changed(entry.bandwidth(), bandwidth))));
    }

    /** Each connection may pass as much as it can: the default. */
    public S noBandwidth() {
        return entry(entry.withBandwidth(Optional.empty()));
    }

    /**
     * Proxies before this one say by the PROXY protocol (HAProxy, doc/proxy-protocol.txt; both versions) for whom they connect.
     * From then on the client's address is the one they name: for access rules and client limits, for selectors, in events, in
     * logs and in what backends are told. A header that says nothing of a client, as that of a health check, leaves him the
     * address he connected from. A header that is wrong resets the connection, and so does one that is late ({@link
     * TimeoutPolicy.Builder#preface}). The builder handed in trusts nobody; what was set before is replaced as a whole. Default:
     * there are no headers.
     *
     * <pre>{@code
     * frontend.proxyProtocol(proxies -> proxies.trust("10.0.0.0/8", "fd00::/8"))
     * }</pre>
     *
     * @throws IllegalArgumentException when nobody is trusted, or a block of addresses is none
     */
    public S proxyProtocol(Consumer<ProxyProtocolPolicy.Builder> proxies) {
        return entry(entry.withProxyProtocol(Optional.of(ProxyProtocolPolicy.of(proxies))));
    }

    /** Nobody says for whom he connects: the default. */
    public S noProxyProtocol() {
        return entry(entry.withProxyProtocol(Optional.empty()));
    }

    /**
     * TLS is spoken with clients, and what they say within goes to backends. The handshake comes before a backend is chosen, so
     * names and protocols are known by then. The builder handed in holds the present values, or the defaults: while it runs, a
     * certificate is replaced by {@link FrontendTlsBuilder#replace}, and whoever is connected stays. Default: the bytes of clients
     * go to backends as they come.
     *
     * <pre>{@code
     * frontend.tls(tls -> tls.certificate(TlsIdentity.pem(Path.of("site.crt"), Path.of("site.key"))))
     * }</pre>
     *
     * @throws IllegalArgumentException when there is no certificate, or one that nobody would be shown
     */
    public S tls(Consumer<FrontendTlsBuilder> settings) {
        FrontendTls changed =
                entry.tls().map(present -> present.with(settings)).orElseGet(() -> FrontendTls.of(settings));
        return entry(entry.withTls(Optional.of(changed)));
    }

    /** TLS is not spoken with clients: the default. */
    public S noTls() {
        return entry(entry.withTls(Optional.empty()));
    }

    /**
     * When a backend is chosen for a client, and connected. A frontend that goes by hellos of TLS where its clients go waits for
     * them, also if less is set. Default: {@link ConnectWhen#ACCEPTED}, at once.
     */
    public S connectWhen(ConnectWhen when) {
        return entry(entry.withConnectWhen(Checks.notNull("connectWhen", when)));
    }

    private S entry(EntryPolicy changed) {
        entry = changed;
        return self();
    }

    EntryPolicy entry() {
        return entry;
    }
}
