package io.lb4j.selection;

import io.lb4j.backend.Backend;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Candidates whose figures a test sets, and what they are picked by. */
final class TestCandidates implements Candidates {
    private static final AtomicLong VERSIONS = new AtomicLong();

    /** A candidate whose figures a test sets. */
    static final class One implements Candidate {
        private final Backend backend;
        int active;
        long connectTime;

        One(Backend backend) {
            this.backend = backend;
        }

        @Override
        public Backend backend() {
            return backend;
        }

        @Override
        public int activeConnections() {
            return active;
        }

        @Override
        public long connectTimeNanos() {
            return connectTime;
        }

        String id() {
            return backend.id();
        }

        /** Its part of all weights. */
        double backendShare(TestCandidates candidates) {
            return (double) candidates.weight(candidates.all.indexOf(this)) / candidates.totalWeight();
        }

        @Override
        public String toString() {
            return id();
        }
    }

    private final List<One> all;
    private final int[] weights;
    private final long version;
    private final boolean isEven;

    private TestCandidates(List<One> all, int[] weights, long version) {
        this.all = List.copyOf(all);
        this.weights = weights.clone();
        this.version = version;
        isEven = Arrays.stream(weights).distinct().count() == 1;
    }

    static TestCandidates of(List<One> all, int[] weights) {
        return new TestCandidates(all, weights, VERSIONS.incrementAndGet());
    }

    /** Of these weights, called a, b, c and so on, or by number from the 27th. */
    static TestCandidates weighing(int... weights) {
        return of(
                IntStream.range(0, weights.length)
                        .mapToObj(i -> new One(Backend.of("127.0.0.1", 1).withId(name(i))))
                        .toList(),
                weights);
    }

    static TestCandidates ofEqualWeight(int size) {
        return weighing(IntStream.range(0, size).map(i -> 1).toArray());
    }

    private static String name(int index) {
        return index < 26 ? String.valueOf((char) ('a' + index)) : "b" + index;
    }

    /** The same ones, now of these weights. */
    TestCandidates nowWeighing(int... changed) {
        return of(all, changed);
    }

    /** Those but one. */
    TestCandidates without(int index) {
        List<One> others = new ArrayList<>(all);
        others.remove(index);
        return of(
                others,
                IntStream.range(0, weights.length)
                        .filter(i -> i != index)
                        .map(i -> weights[i])
                        .toArray());
    }

    /** The same list, as it is handed out for one pick. */
    TestCandidates forOnePick() {
        return new TestCandidates(all, weights, 0);
    }

    /** The ids of so many picks. */
    List<String> picks(BackendSelector selector, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> pick(selector, client(i)).id())
                .toList();
    }

    /** How often each was picked, by index. */
    int[] counts(BackendSelector selector, int count) {
        Map<Candidate, Integer> indexes = new HashMap<>();
        all.forEach(one -> indexes.put(one, indexes.size()));
        int[] counts = new int[size()];
        for (int i = 0; i < count; i++) {
            counts[indexes.get(pick(selector, client(i)))]++;
        }
        return counts;
    }

    One pick(BackendSelector selector, ClientConnection client) {
        return (One) selector.select(this, client);
    }

    /** A first attempt of the client whose address is this number. */
    static ClientConnection client(int address) {
        return client(address, 1);
    }

    static ClientConnection client(int address, int attempt) {
        byte[] bytes = {10, (byte) (address >> 16), (byte) (address >> 8), (byte) address};
        try {
            return new Client(new InetSocketAddress(InetAddress.getByAddress(bytes), 40_000), attempt);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private record Client(InetSocketAddress clientAddress, int attempt) implements ClientConnection {
        @Override
        public InetSocketAddress listenAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
        }

        @Override
        public String frontend() {
            return "frontend";
        }
    }

    @Override
    public int size() {
        return all.size();
    }

    @Override
    public One get(int index) {
        return all.get(index);
    }

    @Override
    public int weight(int index) {
        return weights[index];
    }

    @Override
    public boolean haveEqualWeights() {
        return isEven;
    }

    @Override
    public long version() {
        return version;
    }
}
