package io.lb4j.examples.demo;

import io.lb4j.FrontendBuilder;
import io.lb4j.Routes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/** The flags that say which pool a client gets by what he says first, at every port that leads to no pool of its own. */
final class TlsRuleFlags {
    private static final String SNI = "--sni";
    private static final String ALPN = "--alpn";
    private static final String OTHERWISE = "--tls-otherwise";
    private static final String NOT_TLS = "--not-tls";

    @Option(
            names = SNI,
            paramLabel = "NAME=POOL",
            description = {
                "Clients of TLS that ask for this host get that --pool; *.example.com is all that is below example.com, and"
                        + " the pool default is what --backend gives. TLS is not ended here. Repeat for more. This, --alpn,"
                        + " --tls-otherwise and --not-tls are for every --listen without =POOL; where none of them fits, the"
                        + " client is reset"
            })
    private List<TlsRule> hosts = new ArrayList<>();

    @Option(
            names = ALPN,
            paramLabel = "NAME=POOL",
            description =
                    "Clients of TLS that offer this protocol, as h2 or acme-tls/1, get that pool, whichever host they"
                            + " ask for. Repeat for more.")
    private List<TlsRule> protocols = new ArrayList<>();

    @Option(
            names = OTHERWISE,
            paramLabel = "POOL",
            description = "What clients of TLS get for whom there is no --sni and no --alpn.")
    private String otherwise;

    @Option(
            names = NOT_TLS,
            paramLabel = "POOL",
            description = "What clients get that do not speak TLS, or say nothing for as long as --preface-timeout.")
    private String notTls;

    boolean isEmpty() {
        return flagsByPool().isEmpty();
    }

    /** There is to be one at least. */
    void apply(FrontendBuilder frontend, Flags flags) {
        frontend.routes(routes -> fill(routes, flags));
    }

    private void fill(Routes.Builder routes, Flags flags) {
        hosts.forEach(rule -> flags.set(SNI, rule, host -> routes.serverName(host.name(), host.pool())));
        protocols.forEach(rule -> flags.set(ALPN, rule, protocol -> routes.alpn(protocol.name(), protocol.pool())));
        flags.set(OTHERWISE, otherwise, routes::otherwise);
        flags.set(NOT_TLS, notTls, routes::notTls);
    }

    /** The pools they lead to. */
    Set<String> pools() {
        return flagsByPool().keySet();
    }

    /** Each pool they lead to, and the first flag that does. */
    Map<String, String> flagsByPool() {
        Map<String, String> flags = new LinkedHashMap<>();
        hosts.forEach(rule -> flags.putIfAbsent(rule.pool(), SNI));
        protocols.forEach(rule -> flags.putIfAbsent(rule.pool(), ALPN));
        if (otherwise != null) {
            flags.putIfAbsent(otherwise, OTHERWISE);
        }
        if (notTls != null) {
            flags.putIfAbsent(notTls, NOT_TLS);
        }
        return flags;
    }
}
