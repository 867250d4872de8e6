package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** The JDK's TLS and the toy, which have to do the same. */
final class BothTls {
    private final JdkTls jdk;
    private final SSLContext toyClients;
    private final SSLContext toyServers;
    private int port;

    private BothTls(JdkTls jdk, SSLContext toyClients, SSLContext toyServers) {
        this.jdk = jdk;
        this.toyClients = toyClients;
        this.toyServers = toyServers;
    }

    /** With a certificate that is made in this folder. */
    static BothTls in(Path folder) throws Exception {
        ToyTls toy = ToyTls.of(1).withCertificate(JdkTls.HOST, 500);
        return new BothTls(JdkTls.in(folder), toy.context(), toy.context());
    }

    /** With clients that do not believe the server's certificate. */
    BothTls distrusting() throws Exception {
        return new BothTls(jdk.distrusting(), ToyTls.of(1).distrusting().context(), toyServers);
    }

    /** With servers that have no certificate, and want nobody. */
    BothTls refusing() throws Exception {
        return new BothTls(jdk.refusing(), toyClients, ToyTls.of(1).refusing().context());
    }

    List<String> same(ToyProtocol protocol, Consumer<TlsTalk> script) {
        return same(protocol, JdkTls.HOST, script);
    }

    /** Fails when the two do not take the same steps. Returns these. */
    List<String> same(ToyProtocol protocol, String host, Consumer<TlsTalk> script) {
        List<TlsTalk> both = both(protocol, host);
        both.forEach(script);
        assertThat(both.get(1).trace).containsExactlyElementsOf(both.get(0).trace);
        return both.get(1).trace;
    }

    /** With a script that begins when the handshake is over. */
    List<String> sameAfterwards(ToyProtocol protocol, Consumer<TlsTalk> script) {
        return same(protocol, talk -> {
            talk.begin();
            talk.run();
            assertThat(talk.trace).filteredOn(line -> line.contains("FINISHED")).hasSizeGreaterThan(1);
            talk.trace.clear();
            script.accept(talk);
        });
    }

    /** The JDK's, then the toy's. */
    List<TlsTalk> both(ToyProtocol protocol, String host) {
        return List.of(talk(jdk.client(), jdk.server(), protocol, host), talk(toyClients, toyServers, protocol, host));
    }

    private TlsTalk talk(SSLContext clients, SSLContext servers, ToyProtocol protocol, String host) {
        // Another port for each: the JDK resumes a session that it had with the same one.
        SSLEngine client = clients.createSSLEngine(host, ++port);
        client.setUseClientMode(true);
        SSLEngine server = servers.createSSLEngine();
        server.setUseClientMode(false);
        set(client, parameters -> parameters.setServerNames(List.of(new SNIHostName(host))));
        for (SSLEngine engine : List.of(client, server)) {
            set(engine, parameters -> parameters.setProtocols(new String[] {protocol.name}));
        }
        return new TlsTalk(client, server);
    }

    static void set(SSLEngine engine, Consumer<SSLParameters> change) {
        SSLParameters parameters = engine.getSSLParameters();
        change.accept(parameters);
        engine.setSSLParameters(parameters);
    }
}
