package io.lb4j;

import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.TcpProxy;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which pool each frontend of one balancer leads to. Thread-safe. */
final class Frontends {
    private final Map<String, Destination> byName = new ConcurrentHashMap<>();
    private final Supplier<@Nullable TcpProxy> proxy;
    private final Object telling = new Object();

    /** A frontend was told to close its ports, or may not have opened them again. Guarded by {@code telling}. */
    private boolean mayBeClosed;

    /** @param proxy what serves, or null while nothing does */
    Frontends(Supplier<@Nullable TcpProxy> proxy) {
        this.proxy = proxy;
    }

    /** Before it listens. */
    void leads(String frontend, Destination destination) {
        byName.put(frontend, destination);
    }

    /** The name of one that is known to lead to this pool, of those that are there; null when there is none. */
    @Nullable
    String leadingTo(String pool) {
        return running().stream()
                .map(Frontend::name)
                .filter(name -> byName.containsKey(name) && byName.get(name).leadsTo(pool))
                .findFirst()
                .orElse(null);
    }

    /**
     * The ports of each frontend are to be open as long as one of the pools that it may lead to wants them to. Told again
     * and again; one after the other: who comes last has seen what those before have seen, and more.
     */
    void listening(Supplier<Collection<Pool>> pools) {
        synchronized (telling) {
            Collection<Pool> all = pools.get();
            if (!mayBeClosed && areOpen(all)) {
                // As it nearly always is: a hundred frontends cost nothing then.
                return;
            }
            mayBeClosed = true;
            Map<String, Boolean> open = new HashMap<>();
            all.forEach(pool -> open.put(pool.name(), pool.backendPool().isOpen()));
            boolean isAnyOpen = open.isEmpty() || open.containsValue(true);
            boolean isSettled = !open.containsValue(false);
            for (Frontend frontend : running()) {
                Destination destination = byName.get(frontend.name());
                String pool = destination == null ? null : destination.pool();
                boolean wanted = pool == null ? isAnyOpen : open.getOrDefault(pool, true);
                frontend.routable(wanted);
                isSettled &= frontend.isListening();
            }
            mayBeClosed = !isSettled;
        }
    }

    private static boolean areOpen(Collection<Pool> pools) {
        for (Pool pool : pools) {
            if (!pool.backendPool().isOpen()) {
                return false;
            }
        }
        return true;
    }

    /**
     * One more, which leads there before it listens. Those that have ended are forgotten. One at a time.
     *
     * @param begin makes it listen; what it throws is thrown, and nothing has changed
     */
    Frontend add(String name, Destination destination, Function<TcpProxy, Frontend> begin) {
        byName.keySet().retainAll(running().stream().map(Frontend::name).collect(Collectors.toSet()));
        Destination before = byName.put(name, destination);
        try {
            return begin.apply(Objects.requireNonNull(proxy.get()));
        } catch (RuntimeException | Error failure) {
            if (before == null) {
                byName.remove(name);
            } else {
                byName.put(name, before);
            }
            throw failure;
        }
    }

    private List<Frontend> running() {
        TcpProxy serving = proxy.get();
        return serving == null ? List.of() : serving.frontends();
    }
}
