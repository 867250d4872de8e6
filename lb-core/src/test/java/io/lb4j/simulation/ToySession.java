package io.lb4j.simulation;

import java.security.Principal;
import java.security.cert.Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/** What both ends of a toy TLS have agreed on; nothing yet, without a protocol. Nobody's certificate is in it. */
final class ToySession implements SSLSession {
    private static final int BUFFER_SIZE_BEFORE = 16_704;

    private final @Nullable ToyProtocol protocol;
    private final @Nullable String host;
    private final int port;
    private final byte[] id;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private boolean valid;

    ToySession(@Nullable ToyProtocol protocol, @Nullable String host, int port, byte[] id) {
        this.protocol = protocol;
        this.host = host;
        this.port = port;
        this.id = id;
        valid = protocol != null;
    }

    @Override
    public byte[] getId() {
        return id.clone();
    }

    @Override
    public @Nullable SSLSessionContext getSessionContext() {
        return null;
    }

    @Override
    public long getCreationTime() {
        return 0;
    }

    @Override
    public long getLastAccessedTime() {
        return 0;
    }

    @Override
    public void invalidate() {
        valid = false;
    }

    @Override
    public boolean isValid() {
        return valid;
    }

    @Override
    public void putValue(String name, Object value) {
        values.put(name, value);
    }

    @Override
    public @Nullable Object getValue(String name) {
        return values.get(name);
    }

    @Override
    public void removeValue(String name) {
        values.remove(name);
    }

    @Override
    public String[] getValueNames() {
        return values.keySet().toArray(String[]::new);
    }

    @Override
    public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
        throw new SSLPeerUnverifiedException("peer not authenticated");
    }

    @Override
    public Certificate @Nullable [] getLocalCertificates() {
        return null;
    }

    @Override
    public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
        throw new SSLPeerUnverifiedException("peer not authenticated");
    }

    @Override
    public @Nullable Principal getLocalPrincipal() {
        return null;
    }

    @Override
    public String getCipherSuite() {
        return protocol == null ? "SSL_NULL_WITH_NULL_NULL" : protocol.suiteName;
    }

    @Override
    public String getProtocol() {
        return protocol == null ? "NONE" : protocol.name;
    }

    @Override
    public @Nullable String getPeerHost() {
        return host;
    }

    @Override
    public int getPeerPort() {
        return port;
    }

    @Override
    public int getPacketBufferSize() {
        return ToyRecord.LARGEST;
    }

    @Override
    public int getApplicationBufferSize() {
        return protocol == null ? BUFFER_SIZE_BEFORE : protocol.applicationBufferSize;
    }
}
