package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.netty.NettyRelay;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The program {@link Netty} runs; arguments and answers are those of {@link Lb4jProxy}. */
final class NettyProxy {
    private NettyProxy() {}

    public static void main(String[] arguments) throws IOException {
        List<Integer> numbers = Arrays.stream(arguments).map(Integer::valueOf).toList();
        try (NettyRelay relay = NettyRelay.start(numbers.subList(1, numbers.size()), numbers.get(0))) {
            System.out.println(relay.port());
            // -1 where Netty has the JVM count it.
            new Answers(NettyRelay.THREADS, () -> Math.max(0, PlatformDependent.usedDirectMemory())).serve();
        }
    }
}
