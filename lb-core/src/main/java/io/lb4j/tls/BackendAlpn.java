package io.lb4j.tls;

import io.lb4j.internal.util.Alpn;
import java.util.List;
import java.util.Optional;

/**
 * What is offered to backends.
 *
 * @param isClients it is what was agreed on with the client
 */
record BackendAlpn(List<String> protocols, boolean isClients) {
    static final BackendAlpn NONE = new BackendAlpn(List.of(), false);
    static final BackendAlpn CLIENTS = new BackendAlpn(List.of(), true);

    static BackendAlpn of(String... protocols) {
        return new BackendAlpn(Alpn.checked(protocols), false);
    }

    String[] offered(Optional<String> agreed) {
        List<String> offered = isClients ? agreed.stream().toList() : protocols;
        return offered.toArray(String[]::new);
    }
}
