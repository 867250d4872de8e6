package io.lb4j.simulation;

import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.simulation.Conversation.Line;
import io.lb4j.simulation.TlsPlan.BackendPlan;
import io.lb4j.simulation.TlsPlan.Manner;
import io.lb4j.simulation.TlsPlan.Side;
import io.lb4j.simulation.TlsPlan.TalkPlan;
import java.net.InetSocketAddress;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Makes the clients and the backends of a {@link TlsSimulation}. */
final class TlsPeers {
    private final Timeline timeline;
    private final Verdict verdict;

    TlsPeers(Timeline timeline, Verdict verdict) {
        this.timeline = timeline;
        this.verdict = verdict;
    }

    /** Who is to connect; by his name the proxy's side knows his number. */
    Conversation client(int index, TalkPlan talk) {
        Side side = talk.client();
        ToyEngine engine = engine(side, true);
        if (engine != null) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("c" + index + ".example")));
            engine.setSSLParameters(parameters);
        }
        Wire up = new Wire(side.leg().isTls());
        Wire down = new Wire(false);
        Ear ear = new Ear(timeline, verdict, engine, Conversation.toClient(index), down, new byte[0]);
        Speech speech = new Speech(timeline, verdict, engine, Conversation.toBackend(index), up, ear);
        Speaker client = new Speaker(timeline, verdict, side, speech);
        return new Conversation(index, talk, new InetSocketAddress("10.200.0.9", 1025 + index), client, down, up);
    }

    /** Who is to be connected to. */
    Line backend(Conversation one, BackendPlan backend) {
        Side side = backend.side();
        ToyEngine engine = engine(side, false);
        Wire up = new Wire(false);
        Wire down = new Wire(side.leg().isTls());
        byte[] told = told(one, backend.told());
        Ear ear = new Ear(timeline, verdict, engine, Conversation.toBackend(one.index), up, told);
        Speech speech = new Speech(timeline, verdict, engine, Conversation.toClient(one.index), down, ear);
        return new Line(new Speaker(timeline, verdict, side, speech), up, down);
    }

    private static byte[] told(Conversation one, @Nullable ProxyVersion version) {
        return version == null
                ? new byte[0]
                : ProxyHeader.of(version, one.clientAddress, one.client.channel.localAddress())
                        .toBytes();
    }

    /** Null where none is needed. */
    private @Nullable ToyEngine engine(Side side, boolean isClient) {
        if (!side.leg().isTls()) {
            return null;
        }
        ToyTls tls = ToyTls.of(timeline.nextLong()).withLargestContent(side.record());
        if (side.manner() == Manner.REFUSES) {
            tls = isClient ? tls.distrusting() : tls.refusing();
        }
        ToyEngine engine = (ToyEngine) tls.context().createSSLEngine();
        engine.setEnabledProtocols(new String[] {side.leg().protocol.name});
        engine.setUseClientMode(isClient);
        return engine;
    }
}
