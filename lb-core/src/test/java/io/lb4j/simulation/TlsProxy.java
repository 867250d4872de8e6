package io.lb4j.simulation;

import io.lb4j.backend.Backend;
import io.lb4j.event.ConnectionListener;
import io.lb4j.preface.ClientHello;
import io.lb4j.proxy.Router;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.simulation.TlsPlan.BackendPlan;
import io.lb4j.simulation.TlsPlan.Reception;
import io.lb4j.simulation.TlsPlan.Side;
import io.lb4j.testing.EventOrder;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.Truncation;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** The proxy of a {@link TlsSimulation}: where it listens, and how it speaks TLS. */
final class TlsProxy {
    private static final String HERE = "10.0.0.1";
    private static final int PLAIN = 80;
    private static final int TLS = 443;

    /** Where a bare end is an end. */
    private static final int LENIENT_TLS = 444;

    private final TlsPlan plan;
    private final SimHost host;
    private final List<Conversation> conversations;
    private final SSLContext engines;
    private final SSLContext refusing;
    private final SSLContext trusting;
    private final SSLContext distrusting;

    TlsProxy(TlsPlan plan, SimHost host, List<Conversation> conversations) {
        this.plan = plan;
        this.host = host;
        this.conversations = conversations;
        ToyTls ours = ToyTls.of(plan.seed())
                .withLargestContent(plan.settings().record())
                .withReckoning(this::reckon);
        engines = ours.context();
        refusing = ours.refusing().context();
        trusting = ours.context();
        distrusting = ours.distrusting().context();
    }

    /** Starts it. */
    TcpProxy start(Router router, ConnectionListener listener) {
        TlsPlan.Settings settings = plan.settings();
        return TcpProxy.builder()
                .platform(host.platform())
                .name("sim")
                .listen(HERE, PLAIN, frontend -> frontend.name("plain"))
                .listen(HERE, TLS, frontend -> frontend.name("tls")
                        .tls(tls -> tls.engines(this::engine).handshakeTimeout(settings.handshake())))
                .listen(HERE, LENIENT_TLS, frontend -> frontend.name("lenient").tls(tls -> tls.engines(this::engine)
                        .handshakeTimeout(settings.handshake())
                        .whenTruncated(Truncation.END)))
                .eventLoops(settings.loops())
                .limits(limits -> {
                    limits.connectAttempts(settings.attempts()).bufferedBytes(settings.bufferedBytes());
                    if (settings.bandwidth() > 0) {
                        limits.bandwidth(
                                all -> all.toBackend(settings.bandwidth()).toClient(settings.bandwidth()));
                    }
                })
                .timeouts(timeouts -> timeouts.preface(settings.preface())
                        .connect(settings.connect())
                        .idle(settings.idle())
                        .halfClosed(settings.halfClosed())
                        .stall(settings.stall()))
                .router(router)
                .listener(new FailingListener(host.exits))
                .listener(listener)
                .listener(new EventOrder(what -> host.verdict.require(false, "events out of order", what)))
                .start();
    }

    /** Where such a client connects to. */
    static int port(Side side) {
        if (!side.leg().isTls()) {
            return PLAIN;
        }
        return side.truncation() == Truncation.END ? LENIENT_TLS : TLS;
    }

    /** On a thread of the proxy's. */
    private void reckon() {
        try {
            if (plan.settings().reckoning() > 0) {
                SimWorkers.sleep(host.timeline.between(0, (int) plan.settings().reckoning()));
            }
        } catch (InterruptedException closed) {
            // It is not asked any more.
        }
    }

    /** The proxy's side of a client's handshake. */
    private SSLEngine engine(ClientHello hello) {
        String name = hello.serverName().orElseThrow();
        Conversation one = conversations.get(Integer.parseInt(name.substring(1, name.indexOf('.'))));
        one.heardAt = host.timeline.getAsLong();
        if (one.plan.reception() == Reception.HAS_NO_ENGINE) {
            throw new IllegalStateException("no engine for " + name);
        }
        SSLEngine engine = (one.plan.reception() == Reception.REFUSES ? refusing : engines).createSSLEngine();
        engine.setUseClientMode(false);
        return engine;
    }

    /** A backend, as it is told of. */
    Backend place(BackendPlan backend, int number) {
        Backend place = Backend.of("10.1." + (number >> 8) + "." + (number & 255), TLS);
        if (backend.told() != null) {
            place = place.withProxyProtocol(backend.told());
        }
        Side side = backend.side();
        return side.leg().isTls()
                ? place.withTls(BackendTls.of(backend.trusted() ? trusting : distrusting)
                        .whenTruncated(side.truncation()))
                : place;
    }
}
