package io.lb4j.preface;

import io.lb4j.testing.Program;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** What the JDK's own TLS makes of a hello. */
final class JsseServer {
    private static final String PASSWORD = "changeit";
    private static final byte SERVER_HELLO = 2;

    private final SSLContext context;

    private JsseServer(SSLContext context) {
        this.context = context;
    }

    /** With a key of its own, made in this folder. */
    static JsseServer in(Path folder) throws Exception {
        String store = folder.resolve("server.p12").toString();
        Program.run(
                System.getProperty("java.home") + "/bin/keytool",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=server",
                "-storetype",
                "PKCS12",
                "-keystore",
                store,
                "-storepass",
                PASSWORD);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(store))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return new JsseServer(context);
    }

    /**
     * What it has read in a hello that it answers.
     *
     * @param serverName the bytes of the name, a character for each; empty when there was none
     * @param protocols empty when it was not asked to choose
     */
    record Answer(Optional<String> serverName, Optional<List<String>> protocols) {}

    /** Nothing, when it answers with an alert, or waits for more. */
    Optional<Answer> answer(byte[] hello) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        Seen seen = new Seen();
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setSNIMatchers(List.of(seen));
        engine.setSSLParameters(parameters);
        engine.setHandshakeApplicationProtocolSelector((of, offered) -> {
            seen.protocols = Optional.of(List.copyOf(offered));
            return "";
        });
        try {
            return isAnswered(engine, ByteBuffer.wrap(hello))
                    ? Optional.of(new Answer(seen.serverName, seen.protocols))
                    : Optional.empty();
        } catch (SSLException | RuntimeException refused) {
            return Optional.empty();
        }
    }

    private static boolean isAnswered(SSLEngine engine, ByteBuffer hello) throws SSLException {
        ByteBuffer nothing = ByteBuffer.allocate(40_000);
        ByteBuffer answer = ByteBuffer.allocate(40_000);
        engine.beginHandshake();
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            } else if (status == HandshakeStatus.NEED_WRAP) {
                engine.wrap(ByteBuffer.allocate(0), answer);
                return answer.position() > 5 && ClientHello.isHandshake(answer.get(0)) && answer.get(5) == SERVER_HELLO;
            } else if (engine.unwrap(hello, nothing).bytesConsumed() == 0
                    && engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
                return false;
            }
        }
    }

    /** Takes every name. */
    private static final class Seen extends SNIMatcher {
        private Optional<String> serverName = Optional.empty();
        private Optional<List<String>> protocols = Optional.empty();

        Seen() {
            super(0);
        }

        @Override
        public boolean matches(SNIServerName name) {
            serverName = Optional.of(new String(name.getEncoded(), StandardCharsets.ISO_8859_1));
            return true;
        }
    }
}
