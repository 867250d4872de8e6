package io.lb4j.benchmarks.micro;

import io.lb4j.benchmarks.tls.EnginePair;
import io.lb4j.benchmarks.tls.Handshakes;
import io.lb4j.benchmarks.tls.Identity;
import io.lb4j.benchmarks.tls.ReadOnce;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Full records of TLS 1.3 and AES-GCM. An operation is a byte: those per nanosecond are GB/s. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TlsRecord {
    /** What the JDK puts into one at most: 17 bytes fewer than the protocol allows. */
    private static final int FULL = 16_367;

    private static final int RECORDS = 16;

    /** An established pair, and room for as many records as are made at a time. */
    @State(Scope.Benchmark)
    public static class Established {
        @Param({"heap", "direct"})
        String buffers;

        @Param({"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"})
        String cipher;

        private EnginePair pair;
        private ByteBuffer plain;
        private ByteBuffer records;

        @Setup
        public void prepare() throws IOException, GeneralSecurityException, InterruptedException {
            ReadOnce.set("jdk.tls.client.cipherSuites", cipher);
            pair = Handshakes.of(Identity.Kind.P256, "TLSv1.3", false).next();
            if (!pair.server().getSession().getCipherSuite().equals(cipher)) {
                throw new SSLException(
                        "cipher suite: " + pair.server().getSession().getCipherSuite());
            }
            plain = room(2 * FULL);
            records = room(RECORDS * pair.client().getSession().getPacketBufferSize());
        }

        private ByteBuffer room(int size) {
            return buffers.equals("direct") ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
        }

        private ByteBuffer wrap() throws SSLException {
            records.clear();
            for (int i = 0; i < RECORDS; i++) {
                SSLEngineResult result = pair.client().wrap(plain.clear().limit(FULL), records);
                check(result, result.bytesConsumed());
            }
            return records;
        }

        private ByteBuffer unwrap() throws SSLException {
            while (records.hasRemaining()) {
                SSLEngineResult result = pair.server().unwrap(records, plain.clear());
                check(result, result.bytesProduced());
            }
            return plain;
        }

        private static void check(SSLEngineResult result, int bytes) throws SSLException {
            if (result.getStatus() != SSLEngineResult.Status.OK || bytes != FULL) {
                throw new SSLException("not a full record: " + result);
            }
        }
    }

    /** Records for the server to unwrap, each of them once. */
    @State(Scope.Benchmark)
    public static class Arriving {
        /** It takes some 100 µs to unwrap what comes at a time, so that the clock costs nothing to speak of. */
        @Setup(Level.Invocation)
        public void wrap(Established established) throws SSLException {
            established.wrap().flip();
        }
    }

    @Benchmark
    @OperationsPerInvocation(RECORDS * FULL)
    public ByteBuffer wrap(Established established) throws SSLException {
        return established.wrap();
    }

    @Benchmark
    @OperationsPerInvocation(RECORDS * FULL)
    public ByteBuffer unwrap(Established established, Arriving arriving) throws SSLException {
        return established.unwrap();
    }
}
