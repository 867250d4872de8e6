package io.lb4j.simulation;

import io.lb4j.preface.Hellos;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyTlv;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.ProxyProtocolPolicy.Untrusted;
import io.lb4j.simulation.ArrivalSimulation.Client;
import io.lb4j.simulation.ArrivalSimulation.Plan;
import io.lb4j.simulation.ArrivalSimulation.Then;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** Plans for {@link ArrivalSimulation}, made from a seed. */
final class ArrivalPlans {
    static final InetSocketAddress DESTINATION = new InetSocketAddress("192.0.2.2", 443);

    private static final String NAME = "api.example.com";
    private static final byte[] HELLO = Hellos.inRecordsOf(50, Hellos.message(Hellos.serverName(NAME)));

    private final SplittableRandom random;
    private final ConnectWhen connectWhen;

    private ArrivalPlans(SplittableRandom random, ConnectWhen connectWhen) {
        this.random = random;
        this.connectWhen = connectWhen;
    }

    static Plan plan(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ConnectWhen when = ConnectWhen.values()[random.nextInt(ConnectWhen.values().length)];
        ProxyVersion out = random.nextInt(3) == 0 ? null : ProxyVersion.values()[random.nextInt(2)];
        ArrivalPlans plans = new ArrivalPlans(random, when);
        List<Client> clients = new ArrayList<>();
        int count = 3 + random.nextInt(25);
        for (int i = 0; i < count; i++) {
            clients.add(plans.client());
        }
        return new Plan(
                seed,
                1 + random.nextInt(3),
                random.nextBoolean() ? Untrusted.REFUSE : Untrusted.DIRECT,
                when,
                out,
                Duration.ofMillis(500),
                random.nextInt(2) == 0 ? 0 : 2 + random.nextInt(4),
                random.nextInt(3) == 0 ? 3 : 0,
                clients);
    }

    /** The name that a hello has which the frontend hears. */
    static Optional<byte[]> nameIn(Client client, ConnectWhen when) {
        int from = client.isTrusted() ? client.preface() : 0;
        boolean isHeard = when == ConnectWhen.CLIENT_HELLO || when == ConnectWhen.CLIENT_HELLO_OR_SILENCE;
        boolean isHello = client.said().length - from >= HELLO.length
                && Arrays.equals(client.said(), from, from + HELLO.length, HELLO, 0, HELLO.length);
        return isHeard && isHello ? Optional.of(NAME.getBytes(StandardCharsets.US_ASCII)) : Optional.empty();
    }

    private Client client() {
        boolean isTrusted = random.nextInt(4) != 0;
        InetSocketAddress source = random.nextInt(5) == 0 ? null : new InetSocketAddress("192.0.2.1", 5000);
        byte[] header = isTrusted ? header(source) : new byte[0];
        int wrongAt = 0;
        if (isTrusted && random.nextInt(6) == 0) {
            header[header.length - 1 - random.nextInt(header.length)] ^= 0x55;
            boolean isWrong = ProxyHeader.parse(header, 0, header.length) instanceof io.lb4j.preface.Parsed.Invalid<?>;
            if (!isWrong) {
                header = header(source);
            }
            wrongAt = isWrong ? header.length : 0;
        }
        byte[] behind = behind();
        byte[] said = Arrays.copyOf(header, header.length + behind.length);
        System.arraycopy(behind, 0, said, header.length, behind.length);
        int whole = header.length + needed(behind);
        if (random.nextInt(6) == 0) {
            said = Arrays.copyOf(said, random.nextInt(said.length + 1));
        }
        if (wrongAt > said.length) {
            // It was cut off before it was wrong, or is wrong already.
            boolean isWrong = ProxyHeader.parse(said, 0, said.length) instanceof io.lb4j.preface.Parsed.Invalid<?>;
            wrongAt = isWrong ? 1 : 0;
            whole = Math.max(whole, said.length + 1);
        }
        return new Client(
                random.nextLong(TimeUnit.SECONDS.toNanos(1)),
                isTrusted,
                said,
                header.length,
                whole,
                wrongAt,
                source,
                cuts(said.length),
                random.nextInt(3) == 0 ? 0 : random.nextLong(TimeUnit.MILLISECONDS.toNanos(200)),
                Then.values()[random.nextInt(Then.values().length)]);
    }

    private byte[] header(InetSocketAddress source) {
        ProxyVersion version = ProxyVersion.values()[random.nextInt(2)];
        if (source == null) {
            return ProxyHeader.local(version).toBytes();
        }
        ProxyHeader header = ProxyHeader.of(version, source, DESTINATION);
        return version == ProxyVersion.V2 && random.nextBoolean()
                ? header.with(ProxyTlv.of(0xE0, new byte[random.nextInt(300)])).toBytesWithChecksum()
                : header.toBytes();
    }

    private byte[] behind() {
        byte[] payload = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(2000)];
        Arrays.fill(payload, (byte) 'x');
        if (random.nextBoolean()) {
            return payload;
        }
        byte[] both = Arrays.copyOf(HELLO, HELLO.length + payload.length);
        System.arraycopy(payload, 0, both, HELLO.length, payload.length);
        return both;
    }

    /** How much of it has to be there before a backend is chosen. */
    private int needed(byte[] behind) {
        boolean isHello = behind.length > 0 && behind[0] == HELLO[0];
        return switch (connectWhen) {
            case ACCEPTED -> 0;
            case FIRST_BYTE -> 1;
            case CLIENT_HELLO, CLIENT_HELLO_OR_SILENCE -> isHello ? HELLO.length : 1;
        };
    }

    private List<Integer> cuts(int length) {
        TreeSet<Integer> cuts = new TreeSet<>();
        int most = random.nextInt(4);
        for (int i = 0; i < most && length > 1; i++) {
            cuts.add(1 + random.nextInt(length - 1));
        }
        return List.copyOf(cuts);
    }
}
