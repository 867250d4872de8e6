package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.internal.relay.Endpoint;
import io.lb4j.internal.relay.TlsFailure;
import io.lb4j.internal.tls.TlsEndpoint;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsFacts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;

/** What a backend is told of a client before the client's first byte, in the same write. */
final class Preamble {
    private Preamble() {}

    /**
     * Sees to it that it goes before what the client has said, or says now. Returns whether the client is still there; if he has
     * reset the connection, it is over.
     */
    static boolean isReady(Route chosen, ProxyConnection connection, Endpoint client, Endpoint backend)
            throws IOException {
        Optional<ProxyVersion> version = chosen.backend().proxyProtocol();
        if (version.isEmpty() || backend instanceof TlsEndpoint) {
            return true;
        }
        EventLoop loop = connection.loop();
        try {
            if (!client.hasInHand() && client.readAhead(connection.entrance().mostAhead()) > 0) {
                client.hold(loop.memory().keepAhead(null));
            }
        } catch (IOException lost) {
            // It was told nothing: an end would look as if the client had had nothing to say.
            backend.resetOnClose();
            connection.abort(TlsFailure.reason(lost, true), lost);
            return false;
        }
        ConnectionStory story = connection.story();
        client.prefix(story.entrance().tlvs().write(header(version.get(), story, client), story, loop));
        return true;
    }

    /** From now on TLS is spoken to the backend; what it is told of the client goes before it, as it is. */
    static void secure(Route chosen, ProxyConnection connection, TlsEndpoint backend) throws IOException {
        Backend place = chosen.backend();
        ConnectionStory story = connection.story();
        Optional<ProxyVersion> version = place.proxyProtocol();
        byte[] told = version.isEmpty()
                ? null
                : story.entrance()
                        .tlvs()
                        .write(header(version.get(), story, connection.client()), story, connection.loop());
        BackendTls tls = place.tls().orElseThrow();
        Optional<String> agreed = story.tls().flatMap(TlsFacts::applicationProtocol);
        backend.secure(tls.newEngine(place.host(), place.port(), agreed), told, null, tls.truncation());
    }

    private static ProxyHeader header(ProxyVersion version, ConnectionStory connection, Endpoint client)
            throws IOException {
        Optional<InetSocketAddress> destination = connection.proxyHeader().flatMap(ProxyHeader::destination);
        return ProxyHeader.of(
                version,
                connection.clientAddress(),
                destination.isPresent() ? destination.get() : client.localAddress());
    }
}
