package io.lb4j.proxy;

import io.lb4j.preface.ProxyTlv;
import io.lb4j.tls.TlsFacts;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How TLS is spoken with a client, as a header of the PROXY protocol says it (2.2.6). */
final class TlsTlv {
    private static final byte CLIENT_SSL = 1;
    private static final byte CLIENT_CERT_CONN = 2;
    private static final byte CLIENT_CERT_SESS = 4;
    private static final int VERIFIED = 0;
    private static final int NOT_VERIFIED = 1;

    /** Of one value within: a byte for the type, two for the length. */
    private static final int HEAD = 3;

    private TlsTlv() {}

    static ProxyTlv of(TlsFacts tls) {
        boolean hasShown = !tls.peerCertificates().isEmpty();
        byte[] version = bytes(tls.protocol());
        byte[] cipher = bytes(OpenSslNames.of(tls.cipherSuite()));
        byte[] name = bytes(tls.peerName().orElse(""));
        int size = 1 + Integer.BYTES + HEAD + version.length + HEAD + cipher.length + HEAD + name.length;
        ByteBuffer value = ByteBuffer.allocate(name.length == 0 ? size - HEAD : size);
        // A certificate of a session counts as one of this connection: it was verified when the session began.
        value.put(hasShown ? CLIENT_SSL | CLIENT_CERT_CONN | CLIENT_CERT_SESS : CLIENT_SSL);
        value.putInt(hasShown ? VERIFIED : NOT_VERIFIED);
        put(value, ProxyTlv.SSL_VERSION, version);
        put(value, ProxyTlv.SSL_CIPHER, cipher);
        if (name.length > 0) {
            put(value, ProxyTlv.SSL_COMMON_NAME, name);
        }
        return ProxyTlv.of(ProxyTlv.SSL, value.array());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ByteBuffer into, int type, byte[] value) {
        into.put((byte) type).putShort((short) value.length).put(value);
    }
}
