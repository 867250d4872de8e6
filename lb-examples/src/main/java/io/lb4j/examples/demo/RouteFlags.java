package io.lb4j.examples.demo;

import io.lb4j.LoadBalancerBuilder;
import io.lb4j.backend.Backend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags that say where to listen, which backends there are, and which of them the clients of a port get. */
final class RouteFlags {
    @Option(
            names = "--listen",
            paramLabel = "[HOST:]PORT[-PORT][=POOL]",
            defaultValue = "127.0.0.1:8080",
            description = {
                "Where to listen; repeat for more. 0.0.0.0:8080 is every address of this machine, a port alone is one of"
                        + " 127.0.0.1, port 0 is any free one, 7000-7010 are all from the one to the other. With =POOL"
                        + " its clients get that --pool, otherwise the backends that --backend gives, or what --sni and its"
                        + " like say. Default:"
                        + " ${DEFAULT-VALUE}"
            })
    private List<Listen> listens = new ArrayList<>();

    @Option(
            names = "--backend",
            paramLabel = "HOST:PORT[,weight=N]...",
            description = {
                "A backend; repeat for more. An IPv6 address has brackets: [::1]:9000. Behind it can stand:",
                "  ,weight=N  its share, 0 to 1000, 1 if not given; 0 means no new connections, and is all that"
                        + " round-robin and first care for",
                "  ,priority=N  its tier, 0 to 100, 0 if not given; a tier is used while none before it can be",
                "  ,max-connections=N  how many it may have; no limit if not given",
                "  ,proxy=v1 or ,proxy=v2  it is told who its clients are, by a header of that version of the PROXY"
                        + " protocol; it has to expect one",
                "  ,tls  TLS is spoken to it, and its certificate has to be one that this JVM trusts, for its host; ,tls=NAME for"
                        + " that name; ,ca=FILE and one that these (PEM) vouch for",
                "  ,id=NAME  its name in the log; HOST:PORT if not given"
            })
    private List<Backend> backends = new ArrayList<>();

    @Option(
            names = "--pool",
            paramLabel = "NAME=HOST:PORT[,weight=N]...[,HOST:PORT...]",
            description = {
                "A pool of backends with a name, for --listen and --sni, each backend written as --backend takes it. Repeat for more"
                        + " pools; the same name again adds backends to that pool. As in:",
                "  api=10.0.0.1:9000,weight=3,10.0.0.2:9000"
            })
    private List<PoolBackends> pools = new ArrayList<>();

    @Mixin
    private TlsRuleFlags rules;

    /** How many frontends were given any free port. */
    private int onAnyPort;

    /** Whether clients are led to the backends that {@code --backend} gives, and it gives none. */
    boolean lackBackends() {
        return backends.isEmpty() && ledTo().contains(Backend.DEFAULT_POOL);
    }

    void apply(LoadBalancerBuilder builder, EntryFlags ofEachPort, PoolFlags ofEachPool, Flags flags) {
        listens.forEach(each -> flags.set("--listen", each, listen -> listen(builder, listen, ofEachPort, flags)));
        backends.forEach(backend -> flags.set("--backend", backend, builder::backend));
        ofEachPool.apply(builder, flags);
        backendsByPool()
                .forEach((name, ofPool) -> flags.set(
                        "--pool",
                        name,
                        pool -> builder.pool(pool, setup -> {
                            ofPool.forEach(setup::backend);
                            ofEachPool.apply(setup, flags);
                        })));
    }

    private void listen(LoadBalancerBuilder builder, Listen listen, EntryFlags ofEachPort, Flags flags) {
        String name = listen.name(onAnyPort);
        builder.listen(listen.host(), listen.ports(), frontend -> {
            ofEachPort.apply(frontend.name(name), flags);
            // Behind the others: rules say for themselves when a backend is chosen.
            if (isLedByRules(listen)) {
                rules.apply(frontend, flags);
            } else {
                frontend.pool(poolOf(listen));
            }
        });
        onAnyPort += listen.isAnyPort() ? 1 : 0;
    }

    private boolean isLedByRules(Listen listen) {
        return listen.pool().isEmpty() && !rules.isEmpty();
    }

    private static String poolOf(Listen listen) {
        return listen.pool().orElse(Backend.DEFAULT_POOL);
    }

    /** The pools that clients get. */
    private Set<String> ledTo() {
        Set<String> pools = new LinkedHashSet<>();
        for (Listen listen : listens) {
            pools.addAll(isLedByRules(listen) ? rules.pools() : Set.of(poolOf(listen)));
        }
        return pools;
    }

    private Map<String, List<Backend>> backendsByPool() {
        Map<String, List<Backend>> all = new LinkedHashMap<>();
        pools.forEach(pool ->
                all.computeIfAbsent(pool.pool(), name -> new ArrayList<>()).addAll(pool.backends()));
        return all;
    }

    /** The builder would say so too, in words of the library. */
    void refuseWhatLeadsNowhere(Flags flags) {
        Set<String> names = new LinkedHashSet<>(backendsByPool().keySet());
        for (Listen listen : listens) {
            refuseIfNotAmong(names, "--listen", poolOf(listen), flags);
        }
        rules.flagsByPool().forEach((pool, flag) -> {
            refuseIfNotAmong(names, flag, pool, flags);
            if (listens.stream().noneMatch(this::isLedByRules)) {
                throw flags.invalid(flag, pool + " (expected: a --listen without =POOL, whose clients get it)", null);
            }
        });
        refuseWhatNobodyGets(names, flags);
    }

    private static void refuseIfNotAmong(Set<String> names, String flag, String pool, Flags flags) {
        if (!pool.equals(Backend.DEFAULT_POOL) && !names.contains(pool)) {
            String pools = names.isEmpty() ? "there is none" : "one of " + String.join(", ", names);
            throw flags.invalid(flag, "pool: " + pool + " (expected: a --pool, " + pools + ")", null);
        }
    }

    private void refuseWhatNobodyGets(Set<String> names, Flags flags) {
        Set<String> ledTo = ledTo();
        for (String name : names) {
            if (!ledTo.contains(name)) {
                throw flags.invalid(
                        "--pool",
                        name + " (expected: one that a --listen leads to, as in --listen 8080=" + name + ")",
                        null);
            }
        }
        if (!backends.isEmpty() && !ledTo.contains(Backend.DEFAULT_POOL)) {
            String way = rules.isEmpty()
                    ? "a --listen that leads there, one without =POOL"
                    : "a --listen that leads there, as --listen 8080=default";
            throw flags.invalid("--backend", backends.get(0).hostAndPort() + " (expected: " + way + ")", null);
        }
    }
}
