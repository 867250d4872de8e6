package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    private final Runnable onChange;

    /** Held while settings change, and while a frontend takes them over. */
    private final Object settings = new Object();

    /** @param onChange is told when the settings of one have changed */
    ProxyFrontends(ProxyContext context, EventLoops loops, ProxyEnd end, Runnable onChange) {
        this.onChange = onChange;
        this.context = context;
        this.loops = loops;
        this.end = end;
    }

    /** Starts to accept; when it throws, only the listening sockets are left. */
    void start(List<FrontendPlan> plans, List<List<Port>> ports) throws IOException {
        for (int i = 0; i < plans.size(); i++) {
            FrontendPlan plan = plans.get(i);
            FrontendConfig config = plan.config(context.config().timeouts());
            loops.add(plan, ports.get(i), config.with(config.entry().read()));
        }
        loops.start();
        loops.entrances().forEach(entrance -> {
            followFile(entrance);
            CertificateFiles.warn(context, entrance);
        });
        context.log.info(StartLine.of(all(), context));
    }

    /** See {@link TcpProxy#frontends}. */
    List<Frontend> all() {
        // In this order: what ends says so first, and then it has ended.
        return loops.entrances().stream()
                .filter(entrance -> !entrance.ended().isDone() || loops.isEnding())
                .map(entrance -> new Frontend(this, end, entrance))
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
            FrontendConfig config = plan.config(context.config().timeouts()).with(read(plan.entry()));
            List<Port> ports = new Listeners(context.platform.sockets())
                    .open(plan.host(), plan.ports(), context.config().eventLoops());
            Entrance entrance = loops.add(plan, ports, config);
            followFile(entrance);
            CertificateFiles.warn(context, entrance);
            Frontend added = new Frontend(this, end, entrance);
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
            Map<Entrance, TimeoutPolicy> changed = new LinkedHashMap<>();
            loops.entrances().forEach(entrance -> changed.put(entrance, entrance.adapted(after)));
            changed.forEach((entrance, timeouts) -> entrance.adopt(timeouts, after));
            context.config(after);
        }
    }

    /** See {@link Frontend#reconfigure}. */
    void reconfigure(Entrance entrance, Consumer<FrontendReconfiguration> change) {
        synchronized (settings) {
            if (entrance.isEnding() || loops.isEnding()) {
                throw new IllegalStateException("frontend " + entrance.name() + " is closed");
            }
            EntryPolicy before = entrance.config().entry();
            FrontendReconfiguration present = new FrontendReconfiguration(before);
            change.accept(present);
            EntryPolicy after = present.entry().waitingFor(entrance.plan().least());
            entrance.adopt(after.accessFile().equals(before.accessFile()) ? after : read(after));
            followFile(entrance);
            if (!after.tls().equals(before.tls())) {
                CertificateFiles.warn(context, entrance);
            }
        }
        // Those who wait for the old rate to let them in.
        loops.all().forEach(loop -> loop.acceptSide().resumeSoon());
        onChange.run();
    }

    private static EntryPolicy read(EntryPolicy entry) {
        try {
            return entry.read();
        } catch (IOException wrong) {
            throw new UncheckedIOException(wrong.getMessage(), wrong);
        }
    }

    private static void followFile(Entrance entrance) {
        if (entrance.config().entry().hasFiles()) {
            entrance.files().follow();
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
