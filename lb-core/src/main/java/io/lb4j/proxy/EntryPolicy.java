package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.access.Bandwidth;
import io.lb4j.access.ClientLimits;
import io.lb4j.internal.util.Checks;
import io.lb4j.tls.FrontendTls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Who may come in at a frontend, how many, and how much. As a client comes, it is asked in this order: whether it is too early for one
 * more; by whom he was sent, if a proxy has to say so; whether his address is allowed; whether he has too much already; and what
 * he wants, if he has to say so.
 *
 * @param access which clients may come in; with a file, what was last read from it
 * @param accessFile where these rules are read from again and again; empty when they are from no file
 * @param clientLimits how much one client may have; empty for as much as he likes
 * @param acceptRate how many clients are accepted in a second, 1..1,000,000; empty for any number
 * @param bandwidth how many bytes each connection may pass in a second; empty for any number
 * @param proxyProtocol who says by the PROXY protocol for whom he connects; empty when nobody does
 * @param tls how TLS is spoken with its clients; empty when it is not
 * @param connectWhen when a backend is chosen for a client
 */
public record EntryPolicy(
        AccessRules access,
        Optional<Path> accessFile,
        Optional<ClientLimits> clientLimits,
        OptionalInt acceptRate,
        Optional<Bandwidth> bandwidth,
        Optional<ProxyProtocolPolicy> proxyProtocol,
        Optional<FrontendTls> tls,
        ConnectWhen connectWhen) {
    static final int MOST_IN_A_SECOND = 1_000_000;

    /** Everybody may come in, at any time. */
    static final EntryPolicy OPEN = new EntryPolicy(
            AccessRules.allowAll(),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            ConnectWhen.ACCEPTED);

    /**
     * A policy of these parts.
     *
     * @throws IllegalArgumentException when the rate is out of its range
     */
    public EntryPolicy {
        Checks.notNull("connectWhen", connectWhen);
        acceptRate.ifPresent(rate -> Checks.range("acceptRate", rate, 1, MOST_IN_A_SECOND));
    }

    EntryPolicy with(AccessRules rules, Optional<Path> file) {
        return new EntryPolicy(rules, file, clientLimits, acceptRate, bandwidth, proxyProtocol, tls, connectWhen);
    }

    EntryPolicy withAccess(AccessRules rules) {
        return with(rules, accessFile);
    }

    EntryPolicy withLimits(Optional<ClientLimits> other) {
        return new EntryPolicy(access, accessFile, other, acceptRate, bandwidth, proxyProtocol, tls, connectWhen);
    }

    EntryPolicy withRate(OptionalInt other) {
        return new EntryPolicy(access, accessFile, clientLimits, other, bandwidth, proxyProtocol, tls, connectWhen);
    }

    EntryPolicy withBandwidth(Optional<Bandwidth> other) {
        return new EntryPolicy(access, accessFile, clientLimits, acceptRate, other, proxyProtocol, tls, connectWhen);
    }

    EntryPolicy withProxyProtocol(Optional<ProxyProtocolPolicy> other) {
        return new EntryPolicy(access, accessFile, clientLimits, acceptRate, bandwidth, other, tls, connectWhen);
    }

    EntryPolicy withTls(Optional<FrontendTls> other) {
        return new EntryPolicy(
                access, accessFile, clientLimits, acceptRate, bandwidth, proxyProtocol, other, connectWhen);
    }

    EntryPolicy withConnectWhen(ConnectWhen other) {
        return new EntryPolicy(access, accessFile, clientLimits, acceptRate, bandwidth, proxyProtocol, tls, other);
    }

    /** This one, or if that is less than it takes to tell where connections go, one that waits for so much. */
    EntryPolicy waitingFor(ConnectWhen least) {
        return least.wantsHello() && !connectWhen.wantsHello() ? withConnectWhen(least) : this;
    }

    /** Whether bytes are counted: of connections, or of clients. */
    boolean hasBandwidth() {
        return bandwidth.isPresent()
                || clientLimits.flatMap(ClientLimits::bandwidth).isPresent();
    }

    /** Whether something of it is in files, which may change. */
    boolean hasFiles() {
        return accessFile.isPresent()
                || tls.filter(present -> !present.files().isEmpty()).isPresent();
    }

    /** The same with the rules that are in its file now, if it has one. */
    EntryPolicy read() throws IOException {
        return accessFile.isEmpty() ? this : withAccess(AccessRules.read(accessFile.get()));
    }
}
