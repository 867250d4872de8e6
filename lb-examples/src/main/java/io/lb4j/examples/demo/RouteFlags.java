package io.lb4j.examples.demo;

import io.lb4j.LoadBalancerBuilder;
import io.lb4j.backend.Backend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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
                        + " its clients get that --pool, otherwise the backends that --backend gives. Default:"
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
                "  ,id=NAME  its name in the log; HOST:PORT if not given"
            })
    private List<Backend> backends = new ArrayList<>();

    @Option(
            names = "--pool",
            paramLabel = "NAME=HOST:PORT[,weight=N]...[,HOST:PORT...]",
            description = {
                "A pool of backends with a name, for --listen, each backend written as --backend takes it. Repeat for more"
                        + " pools; the same name again adds backends to that pool. As in:",
                "  api=10.0.0.1:9000,weight=3,10.0.0.2:9000"
            })
    private List<PoolBackends> pools = new ArrayList<>();

    /** How many frontends were given any free port. */
    private int onAnyPort;

    /** Whether clients are led to the backends that {@code --backend} gives, and it gives none. */
    boolean lackBackends() {
        return backends.isEmpty() && listens.stream().anyMatch(Listen::leadsToDefault);
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
            frontend.name(name).pool(listen.pool());
            ofEachPort.apply(frontend, flags);
        });
        onAnyPort += listen.isAnyPort() ? 1 : 0;
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
        Set<String> ledTo = listens.stream().map(Listen::pool).collect(Collectors.toSet());
        for (Listen listen : listens) {
            if (!listen.leadsToDefault() && !names.contains(listen.pool())) {
                String pools = names.isEmpty() ? "there is none" : "one of " + String.join(", ", names);
                throw flags.invalid(
                        "--listen", "pool: " + listen.pool() + " (expected: a --pool, " + pools + ")", null);
            }
        }
        for (String name : names) {
            if (!ledTo.contains(name)) {
                throw flags.invalid(
                        "--pool",
                        name + " (expected: one that a --listen leads to, as in --listen 8080=" + name + ")",
                        null);
            }
        }
        if (!backends.isEmpty() && !ledTo.contains(Backend.DEFAULT_POOL)) {
            throw flags.invalid(
                    "--backend",
                    backends.get(0).hostAndPort() + " (expected: a --listen that leads there, one without =POOL)",
                    null);
        }
    }
}
