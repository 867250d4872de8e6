package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The frontends of one proxy, and the settings they run with: they come, change and are looked up here. Thread-safe. */
final class ProxyFrontends {
    private final ProxyContext context;
    private final EventLoops loops;
    private final ProxyEnd end;

    /** Held while settings change, and while a frontend takes them over. */
    private final Object settings = new Object();

    ProxyFrontends(ProxyContext context, EventLoops loops, ProxyEnd end) {
        this.context = context;
        this.loops = loops;
        this.end = end;
    }

    /** Starts to accept; when it throws, only the listening sockets are left. */
    void start(List<FrontendPlan> plans, List<List<Port>> ports) throws IOException {
        for (int i = 0; i < plans.size(); i++) {
            FrontendPlan plan = plans.get(i);
            loops.add(plan, ports.get(i), plan.config(context.config().timeouts()));
        }
        loops.start();
        context.log.info(StartLine.of(all(), context));
    }

    /** See {@link TcpProxy#frontends}. */
    List<Frontend> all() {
        // In this order: what ends says so first, and then it has ended.
        return loops.entrances().stream()
                .filter(entrance -> !entrance.ended().isDone() || loops.isEnding())
                .map(entrance -> new Frontend(end, entrance))
                .toList();
    }

    /** Listens there from now on. */
    Frontend add(FrontendPlan plan) {
        loops.refuse(plan);
        if (plan.router() instanceof FixedRoute fixed) {
            OwnListener.refuse(fixed.backend(), plan);
            refuseOwnListener(fixed.backend());
        }
        synchronized (settings) {
            FrontendConfig config = plan.config(context.config().timeouts());
            List<Port> ports = new Listeners(context.platform.sockets())
                    .open(plan.host(), plan.ports(), context.config().eventLoops());
            Frontend added = new Frontend(end, loops.add(plan, ports, config));
            context.log.info("listening on " + StartLine.place(added));
            return added;
        }
    }

    TcpProxyConfig config() {
        return context.config()
                .withFrontends(loops.entrances().stream().map(Entrance::config).toList());
    }

    /** See {@link TcpProxy#reconfigure}. */
    void reconfigure(Consumer<ProxyReconfiguration> change) {
        // Not the lock of the loops: what is called here is somebody else's, and may take its time.
        synchronized (settings) {
            TcpProxyConfig before = context.config();
            ProxyReconfiguration present = new ProxyReconfiguration(before);
            change.accept(present);
            TcpProxyConfig after = before.with(present.timeouts(), present.limits());
            // All of them before the first, as what they say may throw.
            Map<Entrance, FrontendConfig> changed = new LinkedHashMap<>();
            loops.entrances().forEach(entrance -> changed.put(entrance, entrance.adapted(after)));
            changed.forEach((entrance, config) -> entrance.adopt(config, after));
            context.config(after);
        }
    }

    /** See {@link TcpProxy#refuseOwnListener}. */
    void refuseOwnListener(Backend backend) {
        listeners().forEach(listener -> OwnListener.refuse(backend, listener));
    }

    /** See {@link TcpProxy#isWrittenAsListener}. */
    boolean isWrittenAsListener(Backend backend) {
        return listeners().anyMatch(listener -> OwnListener.isWrittenIn(backend, listener));
    }

    /** Where it listens, and where the port is not free yet. */
    private Stream<InetSocketAddress> listeners() {
        return loops.entrances().stream()
                .flatMap(entrance -> entrance.ports().stream())
                .filter(port -> !port.isLeft())
                .map(Port::address);
    }
}
