package io.lb4j.examples.demo;

import io.lb4j.FrontendBuilder;
import io.lb4j.access.AccessRules;
import io.lb4j.access.Cidr;
import io.lb4j.access.ClientLimits;
import io.lb4j.proxy.ConnectWhen;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags that say who may come in, and what he says before a backend is chosen, at every port. */
final class EntryFlags {
    @Option(
            names = "--allow",
            paramLabel = "CIDR",
            description = {
                "Clients from there may come in: 10.0.0.0/8, fd00::/8, 192.168.1.7 or all. Of several --allow and --deny the"
                        + " first that fits decides, and where none does, the client may; so the last is mostly --deny all"
            })
    private List<AccessRule> allowed = new ArrayList<>();

    @Option(
            names = "--deny",
            paramLabel = "CIDR",
            description = "Clients from there are reset before a backend is chosen. See --allow.")
    private List<AccessRule> denied = new ArrayList<>();

    @Option(
            names = "--max-connections-per-client",
            paramLabel = "N",
            description = "How many connections one client (an IPv4 address, or an IPv6 /64) may have at each --listen;"
                    + " one more is reset. Default: no limit")
    private Integer maxConnectionsPerClient;

    @Option(
            names = "--connect-rate-per-client",
            paramLabel = "N/DURATION",
            description = "How often one client may connect to each --listen, as in 20/1s: 20 times at once, then once"
                    + " each 50 ms; one that comes earlier is reset. Default: no limit")
    private ClientLimits.Rate connectRatePerClient;

    @Option(
            names = "--accept-rate",
            paramLabel = "N",
            description =
                    "How many clients are accepted in a second at each --listen; further ones wait. Default: no limit")
    private Integer acceptRate;

    @Option(
            names = "--bandwidth-per-connection",
            paramLabel = "BYTES",
            description = "How many bytes each connection passes in a second, each way: 500000, 500k, 10m, 1g."
                    + " Default: no limit")
    private ByteRate bandwidthPerConnection;

    @Option(
            names = "--accept-proxy-from",
            paramLabel = "CIDR",
            description = {
                "Whoever connects from there is a proxy that says by the PROXY protocol, version 1 or 2, for whom: that one is"
                        + " the client then, for --allow, --deny and all else. Repeat for more. Nobody else may connect"
                        + " then. Default: nobody says so"
            })
    private List<Cidr> proxies = new ArrayList<>();

    @Option(
            names = "--connect-when",
            paramLabel = "WHEN",
            description =
                    "When a backend is chosen and connected to: accepted, which is at once, or first-byte, which is"
                            + " when the client has said something. Not for protocols in which the server begins. Where --sni and"
                            + " its like choose, it is when they can. Default: accepted")
    private ConnectWhen connectWhen;

    @Mixin
    private TlsFlags tls;

    void apply(FrontendBuilder frontend, Flags flags) {
        tls.apply(frontend, flags);
        if (!allowed.isEmpty() || !denied.isEmpty()) {
            frontend.access(rules());
        }
        flags.set(
                "--max-connections-per-client",
                maxConnectionsPerClient,
                most -> frontend.clientLimits(limits -> limits.maxConnections(most)));
        flags.set(
                "--connect-rate-per-client",
                connectRatePerClient,
                rate -> frontend.clientLimits(limits -> limits.connectRate(rate.times(), rate.per())));
        flags.set("--accept-rate", acceptRate, frontend::acceptRate);
        flags.set(
                "--bandwidth-per-connection",
                bandwidthPerConnection,
                rate -> frontend.bandwidth(
                        each -> each.toBackend(rate.bytesPerSecond()).toClient(rate.bytesPerSecond())));
        if (!proxies.isEmpty()) {
            frontend.proxyProtocol(policy -> proxies.forEach(block -> policy.trust(block.toString())));
        }
        flags.set("--connect-when", connectWhen, frontend::connectWhen);
    }

    private AccessRules rules() {
        AccessRules.Builder rules = AccessRules.builder();
        Stream.concat(allowed.stream(), denied.stream())
                .sorted(Comparator.comparing(AccessRule::order))
                .forEach(rule -> rule.blocks().forEach(allowed.contains(rule) ? rules::allow : rules::deny));
        return rules.build();
    }
}
