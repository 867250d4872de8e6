package io.lb4j.benchmarks.load;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What all clients of a loop have in common that do TLS: version 1.3 with AES-128-GCM, so that every proxy does the same. A
 * certificate is not verified, which would be the load's work and nobody else's; its key must be one of 256 bits on a curve.
 */
final class TlsClients {
    /** Whole records of a stream, several at a time. */
    private static final int READ = 128 * 1024;

    private static final int KEY_BITS = 256;
    private static final int PORT = 443;

    private final SSLContext context;
    private final ByteBuffer record;
    private final Deque<ByteBuffer> free = new ArrayDeque<>();
    private int peers;
    private boolean certificateShown;

    TlsClients() {
        try {
            context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Noting()}, null);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("no TLS", impossible);
        }
        record = ByteBuffer.allocate(engine(null).getSession().getPacketBufferSize());
    }

    /**
     * One client's TLS, of one connection after another.
     *
     * @param resumes whether each goes on with the session of the one before
     */
    TlsClient client(boolean resumes) {
        return new TlsClient(this, resumes);
    }

    /** A name that nobody has had. */
    String newPeer() {
        return "client-" + peers++;
    }

    /** @param peer what it is called with whom sessions are gone on with; null: no session is remembered */
    SSLEngine engine(@Nullable String peer) {
        SSLEngine engine = peer == null ? context.createSSLEngine() : context.createSSLEngine(peer, PORT);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        engine.setEnabledCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256"});
        return engine;
    }

    /** Whether a certificate was shown since the last time this was asked: in a session that is gone on with none is. */
    boolean takeCertificateShown() {
        boolean shown = certificateShown;
        certificateShown = false;
        return shown;
    }

    /** Room for a record that is to be sent. Valid until the next call. */
    ByteBuffer record() {
        return record.clear();
    }

    /** Room for what is received, until it is given back; nothing is in it. */
    ByteBuffer take() {
        ByteBuffer taken = free.poll();
        return (taken == null ? ByteBuffer.allocate(READ) : taken).clear().flip();
    }

    void giveBack(ByteBuffer taken) {
        free.push(taken);
    }

    /** Asked about a certificate only when one is shown. */
    private final class Noting extends X509ExtendedTrustManager {
        private void note(X509Certificate[] chain) throws CertificateException {
            if (!(chain[0].getPublicKey() instanceof ECPublicKey key
                    && key.getParams().getOrder().bitLength() == KEY_BITS)) {
                throw new CertificateException("another key: " + chain[0].getPublicKey());
            }
            certificateShown = true;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            note(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            note(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            note(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new IllegalStateException("no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new IllegalStateException("no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException("no server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
