package io.lb4j.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Background;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoundRobinSelectorTest {
    private final BackendSelector selector = BackendSelector.roundRobin();

    @Test
    void select_threeBackends_strictOrderFromTheFirst() {
        Candidates candidates = candidates("a", "b", "c");
        assertThat(picks(selector, candidates, 9)).containsExactly("a", "b", "c", "a", "b", "c", "a", "b", "c");
    }

    @Test
    void select_oneBackend_isAlwaysThatOne() {
        assertThat(picks(selector, candidates("a"), 3)).containsExactly("a", "a", "a");
    }

    @Test
    void select_oneOfThreeHasGone_theOthersShareEvenly() {
        picks(selector, candidates("a", "b", "c"), 4);
        assertThat(counts(picks(selector, candidates("a", "c"), 1000))).isEqualTo(Map.of("a", 500L, "c", 500L));
    }

    @Test
    void select_furtherAttempts_spreadOverTheOthersAndNotOntoTheNeighbour() {
        Candidates all = candidates("dead", "b", "c", "d");
        Candidates others = candidates("b", "c", "d");
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            String pick = pick(selector, all, 1);
            first.add(pick);
            if (pick.equals("dead")) {
                second.add(pick(selector, others, 2));
            }
        }
        assertThat(counts(first)).isEqualTo(Map.of("dead", 300L, "b", 300L, "c", 300L, "d", 300L));
        assertThat(counts(second)).isEqualTo(Map.of("b", 100L, "c", 100L, "d", 100L));
    }

    @Test
    void select_counterPassesTheLargestInteger_goesOnEvenly() throws ReflectiveOperationException {
        picksOf(selector).set(Integer.MAX_VALUE - 1);
        List<String> picks = picks(selector, candidates("a", "b", "c"), 6);
        // From 2^31 - 2, which is 1 modulo 3, over 2^31, read as unsigned.
        assertThat(picks).containsExactly("a", "b", "c", "a", "b", "c");
        picksOf(selector).set(-2);
        assertThat(picks(selector, candidates("a", "b", "c"), 6)).allMatch(List.of("a", "b", "c")::contains);
    }

    @Test
    void select_eightThreads_exactlyFair() {
        Candidates candidates = candidates("a", "b", "c", "d", "e");
        int threads = 8;
        int each = 10_000;
        Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
        List<CompletableFuture<Void>> running = IntStream.range(0, threads)
                .mapToObj(i -> Background.run(() -> picks(selector, candidates, each)
                        .forEach(id -> counts.computeIfAbsent(id, any -> new AtomicInteger())
                                .incrementAndGet())))
                .toList();
        running.forEach(CompletableFuture::join);
        assertThat(counts).hasSize(5);
        assertThat(counts.values()).extracting(AtomicInteger::get).containsOnly(threads * each / 5);
    }

    @Test
    void selectors_areIndependent() {
        picks(selector, candidates("a", "b"), 1);
        assertThat(pick(BackendSelector.roundRobin(), candidates("a", "b"), 1)).isEqualTo("a");
        assertThat(selector).hasToString("roundRobin");
    }

    private static AtomicInteger picksOf(BackendSelector selector) throws ReflectiveOperationException {
        Field field = selector.getClass().getDeclaredField("picks");
        field.setAccessible(true);
        return (AtomicInteger) field.get(selector);
    }

    private static List<String> picks(BackendSelector selector, Candidates candidates, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> pick(selector, candidates, 1))
                .toList();
    }

    private static String pick(BackendSelector selector, Candidates candidates, int attempt) {
        Candidate chosen = selector.select(candidates, new Client(attempt));
        assertThat(chosen).isNotNull();
        return chosen.backend().id();
    }

    private static Map<String, Long> counts(List<String> picks) {
        return picks.stream().collect(Collectors.groupingBy(id -> id, Collectors.counting()));
    }

    private static Candidates candidates(String... ids) {
        List<Candidate> list = new ArrayList<>();
        for (String id : ids) {
            list.add(new Fixed(Backend.of("127.0.0.1", 1).withId(id)));
        }
        return new FixedList(Collections.unmodifiableList(list));
    }

    private record Fixed(Backend backend) implements Candidate {
        @Override
        public int activeConnections() {
            return 0;
        }
    }

    private record FixedList(List<Candidate> list) implements Candidates {
        @Override
        public int size() {
            return list.size();
        }

        @Override
        public Candidate get(int index) {
            return list.get(index);
        }

        @Override
        public long version() {
            return 0;
        }
    }

    private record Client(int attempt) implements ClientConnection {
        @Override
        public InetSocketAddress clientAddress() {
            return new InetSocketAddress(1);
        }

        @Override
        public InetSocketAddress listenAddress() {
            return new InetSocketAddress(2);
        }

        @Override
        public String frontend() {
            return "frontend";
        }
    }
}
