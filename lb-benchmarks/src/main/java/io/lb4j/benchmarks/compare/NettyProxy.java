package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.netty.NettyRelay;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.internal.PlatformDependent;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

/**
 * The program {@link Netty} runs; arguments and answers are those of {@link Lb4jProxy}. With the system properties of
 * {@link #tls} it does TLS with its clients.
 */
final class NettyProxy {
    private NettyProxy() {}

    /** The JVM's options for TLS by this provider, with the certificate and the key of this file. */
    static List<String> tls(Path pem, SslProvider provider) {
        return List.of("-Dtls=" + pem, "-Dprovider=" + provider);
    }

    public static void main(String[] arguments) throws IOException {
        List<Integer> numbers = Arrays.stream(arguments).map(Integer::valueOf).toList();
        try (NettyRelay relay = start(numbers.subList(1, numbers.size()), numbers.get(0))) {
            System.out.println(relay.port());
            // -1 where Netty has the JVM count it.
            new Answers(
                            name -> name.contains(NettyRelay.THREADS),
                            () -> Math.max(0, PlatformDependent.usedDirectMemory()))
                    .serve();
        }
    }

    private static NettyRelay start(List<Integer> backends, int loops) throws IOException {
        String pem = System.getProperty("tls");
        if (pem == null) {
            return NettyRelay.start(backends, loops);
        }
        File file = new File(pem);
        SslContext context = SslContextBuilder.forServer(file, file)
                .sslProvider(SslProvider.valueOf(System.getProperty("provider")))
                .build();
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            // Without keys it gives no tickets, and TLS 1.3 then resumes nothing.
            sessions.setTicketKeys(new OpenSslSessionTicketKey(
                    random(OpenSslSessionTicketKey.NAME_SIZE),
                    random(OpenSslSessionTicketKey.HMAC_KEY_SIZE),
                    random(OpenSslSessionTicketKey.AES_KEY_SIZE)));
        }
        return NettyRelay.start(backends, loops, context::newHandler);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
