package io.lb4j.simulation;

import io.lb4j.tls.BackendTls;
import java.security.KeyManagementException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How the engines of one toy TLS behave, the same way every time: a JDK's own draws what it says from a random source that
 * nobody can seed.
 *
 * @param seed of all that a context's engines draw, in the order in which they are made
 * @param certificateName the host that a server says it is; {@code *} for any that a client wants
 * @param certificateLength so many bytes are in its certificate besides
 * @param refuses whether a server wants no client
 * @param trusts whether a client believes a server's certificate
 * @param largestContent into how large records the user's bytes are cut, 1..16,384; 0 as the JDK does it
 * @param reckoning what a task does first, such as taking its time
 */
record ToyTls(
        long seed,
        String certificateName,
        int certificateLength,
        boolean refuses,
        boolean trusts,
        int largestContent,
        Runnable reckoning) {
    static ToyTls of(long seed) {
        return new ToyTls(seed, "*", 500, false, true, 0, () -> {});
    }

    ToyTls withCertificate(String name, int length) {
        return new ToyTls(seed, name, length, refuses, trusts, largestContent, reckoning);
    }

    /** A server that wants nobody, as one of the JDK that has no certificate. */
    ToyTls refusing() {
        return new ToyTls(seed, certificateName, certificateLength, true, trusts, largestContent, reckoning);
    }

    /** A client that believes no certificate. */
    ToyTls distrusting() {
        return new ToyTls(seed, certificateName, certificateLength, refuses, false, largestContent, reckoning);
    }

    ToyTls withLargestContent(int bytes) {
        return new ToyTls(seed, certificateName, certificateLength, refuses, trusts, bytes, reckoning);
    }

    /** With tasks that do this first, on whatever thread they run. */
    ToyTls withReckoning(Runnable first) {
        return new ToyTls(seed, certificateName, certificateLength, refuses, trusts, largestContent, first);
    }

    /** To be used by one thread at a time. */
    SSLContext context() {
        return new SSLContext(new Spi(this), new ToyProvider(), "toy") {};
    }

    /** A backend's client, as lb4j makes it. */
    SSLEngine client() {
        return BackendTls.of(context()).newEngine(JdkTls.HOST, 443);
    }

    private static final class ToyProvider extends Provider {
        private static final long serialVersionUID = 1;

        ToyProvider() {
            super("toy", "1", "a TLS that can be repeated");
        }
    }

    private static final class Spi extends SSLContextSpi {
        private final ToyTls tls;
        private final SplittableRandom random;

        Spi(ToyTls tls) {
            this.tls = tls;
            random = new SplittableRandom(tls.seed);
        }

        @Override
        protected void engineInit(
                KeyManager @Nullable [] keys, TrustManager @Nullable [] trust, @Nullable SecureRandom source)
                throws KeyManagementException {
            throw new KeyManagementException("a toy has neither keys nor trust");
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return new ToyEngine(tls, random.split(), null, -1);
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return new ToyEngine(tls, random.split(), host, port);
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return engineCreateSSLEngine().getSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return engineGetDefaultSSLParameters();
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            throw new UnsupportedOperationException("engines only");
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            throw new UnsupportedOperationException("engines only");
        }

        @Override
        protected @Nullable SSLSessionContext engineGetServerSessionContext() {
            return null;
        }

        @Override
        protected @Nullable SSLSessionContext engineGetClientSessionContext() {
            return null;
        }
    }
}
