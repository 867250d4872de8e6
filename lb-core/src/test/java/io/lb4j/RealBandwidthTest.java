package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.access.Bandwidth;
import io.lb4j.testing.Background;
import io.lb4j.testing.Nginx;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.RandomStream;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same clients through nginx (proxy_upload_rate, proxy_download_rate) and through a balancer with the same bandwidth.
 * Nothing here says how fast something is, only that it is not faster than its limit.
 */
class RealBandwidthTest {
    private static final int RATE = 400_000;
    private static final Duration BURST = Duration.ofMillis(500);

    /** The burst, and what a stream that waits may have been promised. */
    private static final long AT_ONCE = RATE / 2 + RATE / 20;

    /** A second's worth behind all that may pass at once. */
    private static final int SIZE = 640_000;

    /** At one byte a second this takes a day, behind any burst. */
    private static final int A_DAY = 100_000;

    private static final int HUGE = 4_000_000;

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    private Path folder;

    private enum Direction {
        TO_BACKEND("proxy_upload_rate"),
        TO_CLIENT("proxy_download_rate");

        final String directive;

        Direction(String directive) {
            this.directive = directive;
        }

        Bandwidth.Builder limit(Bandwidth.Builder bandwidth, long rate) {
            return this == TO_BACKEND ? bandwidth.toBackend(rate) : bandwidth.toClient(rate);
        }

        byte[] stream(int size) {
            return new RandomStream(ordinal()).next(size);
        }
    }

    private static final Set<Direction> BOTH = EnumSet.allOf(Direction.class);

    // ---- the two programs

    /** One of the two, and who is behind it: nobody else's clients get there. */
    private record Proxy(int port, TestBackend backend) {}

    private Proxy balancer(Set<Direction> limited, long rate) {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen(
                        "127.0.0.1",
                        0,
                        frontend -> frontend.bandwidth(
                                each -> limited.forEach(direction -> direction.limit(each.burst(BURST), rate))))
                .noHealthCheck()
                .backend("127.0.0.1", backend.port())
                .start());
        return new Proxy(lb.port(), backend);
    }

    private Proxy nginx(Set<Direction> limited, long rate, String... more) {
        TestBackend backend = resources.add(TestBackend.listening());
        StringBuilder limits = new StringBuilder(String.join(" ", more));
        limited.forEach(direction ->
                limits.append(direction.directive).append(' ').append(rate).append("; "));
        Program.Server server = resources.add(Nginx.startStream(
                folder,
                1,
                port -> "server { listen 127.0.0.1:" + port + "; " + limits + "proxy_pass 127.0.0.1:" + backend.port()
                        + "; }\n"));
        return new Proxy(server.port(), backend);
    }

    // ---- what is said through them

    /** When all of a stream had come. */
    private record Arrival(byte[] bytes, long nanos, long second) {
        static Arrival of(byte[] bytes) {
            return new Arrival(bytes, System.nanoTime(), Instant.now().getEpochSecond());
        }
    }

    /** A client, and who serves him: both say their stream at the same time, and none ends it before the other's is there. */
    private final class Talk {
        /** Not later than nginx begins to count. */
        final long connectedInSecond = Instant.now().getEpochSecond();

        long beganAt;
        final Peer client;
        final Peer serving;
        private final Map<Direction, CompletableFuture<Arrival>> arrivals = new EnumMap<>(Direction.class);

        Talk(Proxy proxy) {
            client = resources.add(Peer.connect(proxy.port()));
            serving = proxy.backend().accept();
        }

        Talk begin(int toBackend, int toClient) {
            beganAt = System.nanoTime();
            begin(Direction.TO_BACKEND, client, serving, toBackend);
            begin(Direction.TO_CLIENT, serving, client, toClient);
            return this;
        }

        private void begin(Direction direction, Peer from, Peer to, int size) {
            byte[] stream = direction.stream(size);
            Background.run(() -> from.send(stream));
            arrivals.put(direction, Background.supply(() -> Arrival.of(to.receive(size))));
        }

        /** Waits for the first of them. */
        Direction firstToArrive() {
            CompletableFuture.anyOf(arrivals.values().toArray(CompletableFuture[]::new))
                    .join();
            return arrivals.get(Direction.TO_BACKEND).isDone() ? Direction.TO_BACKEND : Direction.TO_CLIENT;
        }

        /** Waits for it, and for all of it to be what was sent. */
        Arrival arrival(Direction direction, int size) {
            Arrival arrival = arrivals.get(direction).join();
            assertThat(arrival.bytes()).as("%s", direction).isEqualTo(direction.stream(size));
            return arrival;
        }

        /** Nothing comes behind what was sent but the end. */
        void end() {
            client.fin();
            serving.receiveAll(0, 0);
            serving.close();
            client.receiveAll(0, 0);
        }
    }

    // ---- here as there

    @Test
    void streams_throughBoth_areNoFasterThanTheRate_andCompleteToTheByte() {
        Proxy nginx = nginx(BOTH, RATE);
        Talk there = new Talk(nginx).begin(SIZE, SIZE);
        Talk here = new Talk(balancer(BOTH, RATE)).begin(SIZE, SIZE);
        for (Direction direction : BOTH) {
            assertNoFasterThanAllowed(here, direction);
            // It lets pass the rate times the seconds of the clock, the first and the last counted as whole ones.
            long seconds = there.arrival(direction, SIZE).second() - there.connectedInSecond + 1;
            assertThat(seconds * RATE).as("%s of nginx", direction).isGreaterThanOrEqualTo(SIZE);
        }
        here.end();
        there.end();
    }

    private static void assertNoFasterThanAllowed(Talk talk, Direction direction) {
        Duration least = Duration.ofNanos((SIZE - AT_ONCE) * TimeUnit.SECONDS.toNanos(1) / RATE);
        assertThat(Duration.ofNanos(talk.arrival(direction, SIZE).nanos() - talk.beganAt))
                .as("%s", direction)
                .isGreaterThanOrEqualTo(least);
    }

    @ParameterizedTest
    @EnumSource
    void oneDirection_thatIsLimited_isHeldBackByBoth_andTheOtherOneIsNot(Direction limited) {
        Proxy nginx = nginx(EnumSet.of(limited), 1);
        Direction free = limited == Direction.TO_BACKEND ? Direction.TO_CLIENT : Direction.TO_BACKEND;
        assertThat(firstToArrive(free, balancer(EnumSet.of(limited), 1))).isEqualTo(free);
        assertThat(firstToArrive(free, nginx)).isEqualTo(free);
    }

    /** The free one has more to say than the other one, and all of it gets there. */
    private Direction firstToArrive(Direction free, Proxy proxy) {
        Talk talk =
                free == Direction.TO_BACKEND ? new Talk(proxy).begin(HUGE, A_DAY) : new Talk(proxy).begin(A_DAY, HUGE);
        Direction first = talk.firstToArrive();
        talk.arrival(first, first == free ? HUGE : A_DAY);
        return first;
    }

    // ---- after a silence

    @Test
    void silence_buysNoMoreThanTheBurst() {
        Talk late = talkAfterASilence(balancer(BOTH, RATE));
        BOTH.forEach(direction -> assertNoFasterThanAllowed(late, direction));
        late.end();
    }

    /**
     * What it lets pass it counts from when a connection began. Behind each read it pauses, for whole milliseconds: so this
     * shows with reads of less than one's worth. How long that takes is told, and nobody's promise.
     */
    @Test
    void silence_atNginx_isToAConnectionsCredit(TestReporter reporter) {
        Talk late = talkAfterASilence(nginx(BOTH, RATE, "proxy_buffer_size 256;"));
        for (Direction direction : BOTH) {
            long took =
                    TimeUnit.NANOSECONDS.toMillis(late.arrival(direction, SIZE).nanos() - late.beganAt);
            reporter.publishEntry(direction.directive + " " + RATE, SIZE + " bytes after a silence: " + took + " ms");
        }
        late.end();
    }

    /** Connected for as long as another one talks who is held back: here for a second, which is two bursts. */
    private Talk talkAfterASilence(Proxy proxy) {
        Talk late = new Talk(proxy);
        Talk other = new Talk(proxy).begin(SIZE, SIZE);
        BOTH.forEach(direction -> other.arrival(direction, SIZE));
        return late.begin(SIZE, SIZE);
    }
}
