package io.lb4j.benchmarks.micro;

import io.lb4j.benchmarks.tls.EnginePair;
import io.lb4j.benchmarks.tls.Handshakes;
import io.lb4j.benchmarks.tls.Identity;
import io.lb4j.benchmarks.tls.ReadOnce;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Handshakes of two engines of the JDK, both sides on one thread. The client trusts the very certificate, so it checks no chain:
 * but for that, it does what the server does.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class TlsHandshake {
    @Param({"TLSv1.3", "TLSv1.2"})
    String protocol;

    @Param({"P256", "RSA2048"})
    Identity.Kind certificate;

    @Param({"x25519", "secp256r1"})
    String group;

    @Param({"false", "true"})
    boolean resumed;

    private Handshakes handshakes;

    /** Of each second, how much the server's side takes. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Server {
        private long nanos;

        @Setup(Level.Iteration)
        public void reset() {
            nanos = 0;
        }

        public double share() {
            return nanos / 1e9;
        }
    }

    /**
     * The JDK reads the groups once, when it first does TLS: each fork has its own. In TLS 1.2 they must have the curve of the
     * certificate as well; it is not the one that is taken.
     */
    @Setup
    public void prepare() throws IOException, GeneralSecurityException, InterruptedException {
        ReadOnce.set("jdk.tls.namedGroups", protocol.equals("TLSv1.2") ? group + ",secp256r1" : group);
        handshakes = Handshakes.of(certificate, protocol, resumed);
    }

    @Benchmark
    public EnginePair bothSides(Server server) throws SSLException {
        EnginePair pair = handshakes.next();
        server.nanos += pair.serverNanos();
        return pair;
    }
}
