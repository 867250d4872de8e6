package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.access.ClientLimits;
import io.lb4j.internal.relay.TakingTokens;
import io.lb4j.internal.relay.TokenBuckets;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientTableTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long BEGIN = Long.MAX_VALUE - SECOND / 2;

    private final ClientTable table = new ClientTable(4711);

    private static ClientTable.Limits limits(Consumer<ClientLimits.Builder> limits) {
        return ClientTable.Limits.of(ClientLimits.of(limits));
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static InetAddress numbered(int number) {
        return address("10." + (number >> 16 & 0xff) + "." + (number >> 8 & 0xff) + "." + (number & 0xff));
    }

    private boolean enters(String client, ClientTable.Limits limits, long now) {
        return table.enter(address(client), limits, now).refusal() == null;
    }

    @Test
    void client_withAsManyAsHeMay_getsOneMoreWhenOneHasEnded() {
        ClientTable.Limits two = limits(l -> l.maxConnections(2));
        ClientPlace first = table.enter(address("10.0.0.1"), two, BEGIN);
        ClientPlace second = table.enter(address("10.0.0.1"), two, BEGIN);
        assertThat(first.refusal()).isNull();
        assertThat(second.refusal()).isNull();
        assertThat(table.enter(address("10.0.0.1"), two, BEGIN)).isSameAs(ClientPlace.TOO_MANY);
        assertThat(enters("10.0.0.2", two, BEGIN)).isTrue();

        first.leave(BEGIN);
        assertThat(enters("10.0.0.1", two, BEGIN)).isTrue();
        assertThat(table.enter(address("10.0.0.1"), two, BEGIN)).isSameAs(ClientPlace.TOO_MANY);
    }

    @Test
    void client_whoLeavesInDebt_findsTheSameBandwidthWhenHeComesBack_untilItIsPaid() {
        ClientTable.Limits limits =
                limits(l -> l.bandwidth(b -> b.toClient(1_000_000).burst(Duration.ofSeconds(1))));
        ClientPlace place = table.enter(address("10.0.0.1"), limits, BEGIN);
        TokenBuckets bandwidth = place.bandwidth();
        assertThat(bandwidth).isNotNull();
        assertThat(table.enter(address("10.0.0.2"), limits, BEGIN).bandwidth()).isNotSameAs(bandwidth);
        assertThat(bandwidth.areFull(BEGIN)).isTrue();
        place.leave(BEGIN);
        assertThat(table.size(BEGIN))
                .as("one who has taken nothing is forgotten")
                .isOne();

        ClientPlace again = table.enter(address("10.0.0.1"), limits, BEGIN);
        TokenBuckets taken = again.bandwidth();
        assertThat(TakingTokens.toClient(taken, 500_000, BEGIN)).isEqualTo(500_000);
        again.leave(BEGIN);
        assertThat(table.size(BEGIN + SECOND / 2 - 1000)).isEqualTo(2);
        ClientPlace third = table.enter(address("10.0.0.1"), limits, BEGIN + SECOND / 4);
        assertThat(third.bandwidth()).isSameAs(taken);
        third.leave(BEGIN + SECOND / 4);
        assertThat(table.size(BEGIN + SECOND / 2)).isOne();
    }

    @Test
    void bandwidth_thatIsChanged_holdsForAClientAsSoonAsHeConnectsOnceMore() {
        ClientTable.Limits slow = limits(l -> l.bandwidth(b -> b.toClient(1)));
        ClientTable.Limits fast = limits(l -> l.bandwidth(b -> b.toClient(1_000_000_000)));
        ClientTable.Limits none = limits(l -> l.maxConnections(5));
        TokenBuckets bandwidth = table.enter(address("10.0.0.1"), slow, BEGIN).bandwidth();
        assertThat(TakingTokens.toClient(bandwidth, 1 << 30, BEGIN)).isEqualTo(16_384);
        table.enter(address("10.0.0.1"), fast, BEGIN);
        assertThat(TakingTokens.toClient(bandwidth, 1 << 20, BEGIN + SECOND / 100))
                .isEqualTo(1 << 20);
        table.enter(address("10.0.0.1"), none, BEGIN);
        assertThat(TakingTokens.toClient(bandwidth, 1 << 30, BEGIN)).isEqualTo(1 << 30);
    }

    @Test
    void client_atHisRate_mayComeSoOftenAtOnceAndThenOneByOne() {
        ClientTable.Limits twentyASecond = limits(l -> l.connectRate(20, Duration.ofSeconds(1)));
        for (int i = 0; i < 20; i++) {
            table.enter(address("10.0.0.1"), twentyASecond, BEGIN).leave(BEGIN);
        }
        long now = BEGIN;
        for (int i = 0; i < 100; i++) {
            assertThat(table.enter(address("10.0.0.1"), twentyASecond, now)).isSameAs(ClientPlace.TOO_OFTEN);
            assertThat(table.enter(address("10.0.0.1"), twentyASecond, now + SECOND / 20 - 1))
                    .isSameAs(ClientPlace.TOO_OFTEN);
            now += SECOND / 20;
            assertThat(enters("10.0.0.1", twentyASecond, now)).isTrue();
        }
        assertThat(enters("10.0.0.2", twentyASecond, now)).isTrue();
    }

    @Test
    void client_turnedAway_losesNeitherHisRateNorHisPlaces() {
        ClientTable.Limits both = limits(l -> l.maxConnections(1).connectRate(2, Duration.ofSeconds(1)));
        ClientPlace place = table.enter(address("10.0.0.1"), both, BEGIN);
        for (int i = 0; i < 1000; i++) {
            assertThat(table.enter(address("10.0.0.1"), both, BEGIN)).isSameAs(ClientPlace.TOO_MANY);
        }
        place.leave(BEGIN);
        place = table.enter(address("10.0.0.1"), both, BEGIN);
        assertThat(place.refusal()).isNull();
        place.leave(BEGIN);
        for (int i = 0; i < 1000; i++) {
            assertThat(table.enter(address("10.0.0.1"), both, BEGIN)).isSameAs(ClientPlace.TOO_OFTEN);
        }
        assertThat(enters("10.0.0.1", both, BEGIN + SECOND / 2)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "64, 2001:db8::1, 2001:db8::ffff:ffff:ffff:ffff, true",
        "64, 2001:db8::1, 2001:db8:0:1::1, false",
        "56, 2001:db8::1, 2001:db8:0:ff::1, true",
        "56, 2001:db8::1, 2001:db8:0:100::1, false",
        "128, 2001:db8::1, 2001:db8::2, false",
        "72, 2001:db8::1, 2001:db8::ff:ffff:ffff:ffff, true",
        "72, 2001:db8::1, 2001:db8::100:0:0:0, false",
        "1, 2001:db8::1, ::1, true",
        "64, ::ffff:10.0.0.1, ::ffff:10.0.0.2, false",
        "64, 10.0.0.1, 10.0.0.2, false",
        "1, 10.0.0.1, 10.0.0.2, false",
        "64, 10.0.0.1, ::1, false",
        "64, fe80::1, fe80::2, true",
    })
    void clients_ofOnePrefix_areOneClient(int prefix, String one, String other, boolean isSame) {
        ClientTable.Limits single = limits(l -> l.maxConnections(1).ipv6Prefix(prefix));
        assertThat(enters(one, single, BEGIN)).isTrue();
        assertThat(enters(other, single, BEGIN)).isEqualTo(!isSame);
    }

    @Test
    void client_withAMappedAddress_isTheOneOfTheIpv4Address() throws UnknownHostException {
        ClientTable.Limits single = limits(l -> l.maxConnections(1));
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1};
        assertThat(enters("10.0.0.1", single, BEGIN)).isTrue();
        assertThat(table.enter(Inet6Address.getByAddress(null, mapped, -1), single, BEGIN))
                .isSameAs(ClientPlace.TOO_MANY);
    }

    // ---- who is remembered

    @Test
    void client_withoutRate_isForgottenWithHisLastConnection() {
        ClientTable.Limits two = limits(l -> l.maxConnections(2));
        ClientPlace first = table.enter(address("10.0.0.1"), two, BEGIN);
        ClientPlace second = table.enter(address("10.0.0.1"), two, BEGIN);
        first.leave(BEGIN + 1);
        assertThat(table.size(BEGIN + 1)).isEqualTo(1);
        second.leave(BEGIN + 2);
        assertThat(table.size(BEGIN + 2)).isZero();
    }

    @Test
    void client_withRate_isRememberedAsLongAsThatMatters() {
        ClientTable.Limits rate = limits(l -> l.connectRate(2, Duration.ofSeconds(1)));
        table.enter(address("10.0.0.1"), rate, BEGIN).leave(BEGIN);
        table.enter(address("10.0.0.1"), rate, BEGIN).leave(BEGIN);
        assertThat(table.size(BEGIN + SECOND - 1)).isEqualTo(1);
        assertThat(table.size(BEGIN + SECOND)).isZero();
    }

    @Test
    void table_full_forgetsWhoWasSilentForLongest_andTurnsAwayWhereNobodyIs() {
        ClientTable.Limits three = limits(
                l -> l.maxConnections(1).connectRate(1, Duration.ofHours(1)).maxClients(3));
        ClientPlace connected = table.enter(address("10.0.0.1"), three, BEGIN);
        table.enter(address("10.0.0.2"), three, BEGIN + 1).leave(BEGIN + 2);
        table.enter(address("10.0.0.3"), three, BEGIN + 1).leave(BEGIN + 3);
        // He comes again, in vain, and is the last then.
        assertThat(table.enter(address("10.0.0.2"), three, BEGIN + 4)).isSameAs(ClientPlace.TOO_OFTEN);

        ClientPlace fourth = table.enter(address("10.0.0.4"), three, BEGIN + 5);
        assertThat(fourth.refusal()).isNull();
        assertThat(table.enter(address("10.0.0.2"), three, BEGIN + 6)).isSameAs(ClientPlace.TOO_OFTEN);
        ClientPlace third = table.enter(address("10.0.0.3"), three, BEGIN + 7);
        assertThat(third.refusal()).as("forgotten").isNull();
        assertThat(table.size(BEGIN + 7)).isEqualTo(3);

        assertThat(table.enter(address("10.0.0.5"), three, BEGIN + 8)).isSameAs(ClientPlace.TOO_MANY);
        assertThat(table.enter(address("10.0.0.1"), three, BEGIN + 8)).isSameAs(ClientPlace.TOO_MANY);
        connected.leave(BEGIN + 9);
        assertThat(enters("10.0.0.5", three, BEGIN + 10)).isTrue();
        assertThat(table.size(BEGIN + 10)).isEqualTo(3);
    }

    @Test
    void table_forFewerFromNowOn_forgetsAsManyAsItTakes() {
        ClientTable.Limits many = limits(l -> l.connectRate(1, Duration.ofHours(1)));
        ClientTable.Limits few =
                limits(l -> l.connectRate(1, Duration.ofHours(1)).maxClients(10));
        for (int i = 0; i < 1000; i++) {
            table.enter(numbered(i), many, BEGIN + i).leave(BEGIN + i);
        }
        assertThat(table.size(BEGIN + 1000)).isEqualTo(1000);
        assertThat(enters("10.0.3.231", few, BEGIN + 1000)).isFalse();
        assertThat(enters("::1", few, BEGIN + 1001)).isTrue();
        assertThat(table.size(BEGIN + 1001)).isEqualTo(10);
        assertThat(enters("10.0.3.231", few, BEGIN + 1002))
                .as("the last of them")
                .isFalse();
    }

    // ---- against a reference

    @Test
    void table_underAnyCalls_saysWhatAListOfAllWould() {
        long seed = new Random().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 50; round++) {
            int most = 1 + random.nextInt(4);
            int times = 1 + random.nextInt(5);
            ClientTable.Limits limits =
                    limits(l -> l.maxConnections(most).connectRate(times, Duration.ofNanos(1000L * times)));
            ClientTable fresh = new ClientTable(random.nextLong());
            Map<Integer, Integer> open = new HashMap<>();
            Map<Integer, Long> due = new HashMap<>();
            Map<ClientPlace, Integer> owners = new HashMap<>();
            List<ClientPlace> places = new ArrayList<>();
            long now = BEGIN;
            for (int step = 0; step < 2000; step++) {
                now += random.nextInt(600);
                if (random.nextInt(5) < 2 && !places.isEmpty()) {
                    ClientPlace place = places.remove(random.nextInt(places.size()));
                    place.leave(now);
                    open.merge(owners.get(place), -1, Integer::sum);
                    continue;
                }
                int client = random.nextInt(12);
                long next = due.getOrDefault(client, now);
                ClientPlace expected = open.getOrDefault(client, 0) >= most
                        ? ClientPlace.TOO_MANY
                        : next - now > (times - 1) * 1000L ? ClientPlace.TOO_OFTEN : null;
                ClientPlace place = fresh.enter(numbered(client), limits, now);
                assertThat(place.refusal())
                        .as("seed %d, round %d, step %d", seed, round, step)
                        .isEqualTo(expected == null ? null : expected.refusal());
                if (expected == null) {
                    open.merge(client, 1, Integer::sum);
                    due.put(client, Math.max(next - now, 0) + now + 1000);
                    owners.put(place, client);
                    places.add(place);
                }
            }
            long end = now + SECOND;
            places.forEach(place -> place.leave(end));
            assertThat(fresh.size(end)).isZero();
        }
    }

    // ---- races

    @Test
    void clients_onManyThreads_neverHaveMoreThanTheyMay_andLeaveNothing() throws Exception {
        int clients = 40;
        ClientTable.Limits three = limits(l -> l.maxConnections(3).maxClients(30));
        AtomicIntegerArray open = new AtomicIntegerArray(clients);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> entered = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int thread = i;
                entered.add(threads.submit(() -> comeAndGo(new SplittableRandom(thread), three, open)));
            }
            int sum = 0;
            for (Future<Integer> one : entered) {
                sum += one.get(20, TimeUnit.SECONDS);
            }
            assertThat(sum).isGreaterThan(1000);
        } finally {
            threads.shutdownNow();
        }
        assertThat(table.size(System.nanoTime())).isZero();
    }

    private int comeAndGo(SplittableRandom random, ClientTable.Limits limits, AtomicIntegerArray open) {
        record Held(int client, ClientPlace place) {}
        Deque<Held> held = new ArrayDeque<>();
        int entered = 0;
        for (int step = 0; step < 50_000; step++) {
            if (held.size() > 20 || (!held.isEmpty() && random.nextBoolean())) {
                Held one = held.removeFirst();
                open.decrementAndGet(one.client);
                one.place.leave(System.nanoTime());
            } else {
                int client = random.nextInt(open.length());
                ClientPlace place = table.enter(numbered(client), limits, System.nanoTime());
                if (place.refusal() == null) {
                    entered++;
                    assertThat(open.incrementAndGet(client)).isLessThanOrEqualTo(3);
                    held.add(new Held(client, place));
                    assertThat(table.size(System.nanoTime())).isLessThanOrEqualTo(30);
                }
            }
        }
        held.forEach(one -> {
            open.decrementAndGet(one.client);
            one.place.leave(System.nanoTime());
        });
        return entered;
    }

    @Test
    void clients_whoAllCameOnce_areForgottenUnderRaces() throws Exception {
        ClientTable.Limits rate =
                limits(l -> l.connectRate(1, Duration.ofHours(1)).maxClients(100));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int first = i * 5000;
                all.add(threads.submit(() -> {
                    for (int client = first; client < first + 5000; client++) {
                        long now = System.nanoTime();
                        ClientPlace place = table.enter(numbered(client), rate, now);
                        // All who are in it are silent but for at most eight.
                        assertThat(place.refusal()).isNull();
                        place.leave(now);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get(20, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(table.size(System.nanoTime())).isEqualTo(100);
    }

    // ---- hostile addresses

    /** All in one /16, all of one low half, all that differ in one bit: spread as evenly as by chance. */
    @Test
    void addresses_thatWereChosen_areSpreadAsThoseByChance() throws UnknownHostException {
        ClientTable.Limits limits =
                limits(l -> l.maxConnections(1).ipv6Prefix(128).maxClients(1_000_000));
        List<InetAddress> chosen = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[16];
            bytes[0] = 0x20;
            bytes[3 + i % 3] = (byte) i;
            bytes[7] = (byte) (i >> 8);
            bytes[8] = (byte) (i >> 16);
            bytes[15] = (byte) (i % 3);
            chosen.add(Inet6Address.getByAddress(bytes));
        }
        for (InetAddress address : chosen) {
            table.enter(address, limits, BEGIN);
        }
        // By chance, of 100,000 in as many chains or twice as many, the longest has some eight.
        assertThat(table.longestChain()).isLessThanOrEqualTo(16);
    }
}
