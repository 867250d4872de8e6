package io.lb4j.benchmarks.micro;

import io.lb4j.access.AccessRules;
import io.lb4j.access.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Whether a client may come in, among so many rules: for addresses by chance, and for those that were chosen. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class AccessLookup {
    private static final int CLIENTS = 1 << 14;

    @Param({"10", "10000"})
    int rules;

    /** IPv4 by chance; IPv4 of one block, one after another; IPv6 by chance. */
    @Param({"chance", "crafted", "ipv6"})
    String clients;

    private final InetAddress[] addresses = new InetAddress[CLIENTS];
    private AccessRules access;
    private int next;

    @Setup
    public void prepare() throws UnknownHostException {
        Random random = new Random(4711);
        AccessRules.Builder builder = AccessRules.builder();
        for (int i = 0; i < rules; i++) {
            boolean isIpv6 = clients.equals("ipv6");
            int prefix = isIpv6 ? 32 + random.nextInt(33) : 8 + random.nextInt(25);
            byte[] address = new byte[isIpv6 ? 16 : 4];
            random.nextBytes(address);
            for (int bit = prefix; bit < 8 * address.length; bit++) {
                address[bit / 8] &= (byte) ~(0x80 >> bit % 8);
            }
            Cidr block = Cidr.parse(InetAddress.getByAddress(address).getHostAddress() + "/" + prefix);
            AccessRules.Builder unused = random.nextBoolean() ? builder.allow(block) : builder.deny(block);
        }
        access = builder.otherwiseDeny().build();
        for (int i = 0; i < CLIENTS; i++) {
            byte[] address = new byte[clients.equals("ipv6") ? 16 : 4];
            random.nextBytes(address);
            if (clients.equals("crafted")) {
                address = new byte[] {10, 0, (byte) (i >> 8), (byte) i};
            }
            addresses[i] = InetAddress.getByAddress(address);
        }
    }

    @Benchmark
    public boolean allows() {
        return access.allows(addresses[next++ & CLIENTS - 1]);
    }
}
