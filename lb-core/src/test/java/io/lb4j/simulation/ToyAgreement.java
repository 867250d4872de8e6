package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What one end of a toy TLS offers, accepts, refuses, and has agreed on. */
final class ToyAgreement {
    static final int RANDOM = 32;

    private final ToyEngine engine;
    private final ToyTls tls;
    private final SplittableRandom random;
    private final ToySession none = new ToySession(null, null, -1, new byte[0]);
    private ToySession session = none;
    private @Nullable ToyProtocol protocol;
    private @Nullable String applicationProtocol;

    ToyAgreement(ToyEngine engine, ToyTls tls, SplittableRandom random) {
        this.engine = engine;
        this.tls = tls;
        this.random = random;
    }

    byte[] draw() {
        byte[] drawn = new byte[RANDOM];
        random.nextBytes(drawn);
        return drawn;
    }

    ToyHello hello() {
        List<ToyProtocol> offered = protocol == null ? engine.protocols() : List.of(protocol);
        return new ToyHello(draw(), draw(), offered, engine.serverName(), engine.applicationProtocols());
    }

    /** Chooses out of what a client offers. */
    ToyProtocol choose(ToyHello hello) throws SSLException {
        ToyProtocol newest = engine.protocols().stream()
                .filter(hello.protocols()::contains)
                .findFirst()
                .orElseThrow(() -> engine.fatal(
                        ToyAlert.PROTOCOL_VERSION,
                        "The client supported protocol versions are not accepted by server preferences"));
        String chosen = engine.choose(hello.applicationProtocols());
        if (chosen == null) {
            throw engine.fatal(ToyAlert.NO_APPLICATION_PROTOCOL, "No matching application layer protocol values");
        }
        agree(newest, chosen);
        if (newest == ToyProtocol.TLS_1_2) {
            checkWanted();
        }
        return newest;
    }

    /** The body of a ServerHello. */
    byte[] answer(byte[] drawn) {
        if (protocol == null || applicationProtocol == null) {
            throw new AssertionError("nothing is chosen");
        }
        byte[] above = applicationProtocol.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(2 + RANDOM + above.length)
                .putShort((short) protocol.version)
                .put(drawn)
                .put(above)
                .array();
    }

    void agree(ToyProtocol chosen, String above) {
        protocol = chosen;
        applicationProtocol = above;
        session = new ToySession(chosen, engine.getPeerHost(), engine.getPeerPort(), draw());
    }

    /** Null as long as there is none. */
    @Nullable
    ToyProtocol protocol() {
        return protocol;
    }

    /** Null before it is known, empty for none. */
    @Nullable
    String applicationProtocol() {
        return applicationProtocol;
    }

    ToySession session(boolean isNegotiated) {
        return isNegotiated ? session : none;
    }

    /** How many bytes of its user a record takes. */
    int largestContent() {
        int usual = protocol == null ? 0 : protocol.largestContent;
        return tls.largestContent() == 0 ? usual : tls.largestContent();
    }

    /** None where a record would become too large with it. */
    int padding() {
        boolean isLarger = protocol != null && tls.largestContent() > protocol.largestContent;
        return isLarger ? 0 : ToyCipher.PADDING;
    }

    /** As the JDK's server without a certificate: in 1.3 he has said hello when he notices. */
    private void checkWanted() throws SSLException {
        if (tls.refuses()) {
            throw engine.fatal(ToyAlert.HANDSHAKE_FAILURE, "No available authentication scheme");
        }
    }

    byte[] certificate() throws SSLException {
        checkWanted();
        byte[] name = tls.certificateName().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(1 + name.length + tls.certificateLength())
                .put((byte) name.length)
                .put(name)
                .array();
    }

    /** A server's certificate. */
    void check(byte[] certificate) throws SSLException {
        int length = certificate.length == 0 ? 0 : certificate[0] & 0xff;
        if (certificate.length < 1 + length) {
            throw engine.fatal(ToyAlert.DECODE_ERROR, "Illegal handshake message: certificate");
        }
        String name = new String(certificate, 1, length, StandardCharsets.US_ASCII);
        if (!tls.trusts() || !engine.isWanted(name)) {
            throw engine.fatal(ToyAlert.CERTIFICATE_UNKNOWN, "No trust in the certificate of " + name);
        }
    }
}
