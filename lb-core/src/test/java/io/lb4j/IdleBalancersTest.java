package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.Background;
import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.ProcessView;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.child.IdleBalancersProgram;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a balancer with nothing to do costs the application it lives in, on a machine with many processors. */
@EnabledOnOs(OS.LINUX)
class IdleBalancersTest {
    private static final int BALANCERS = 100;
    private static final int MOST_THREADS = 4;
    private static final long MOST_BYTES = 100 * 1024;

    /** A selector, what wakes it and a listening socket, for each thread. */
    private static final int MOST_DESCRIPTORS = 3 * MOST_THREADS;

    private static final int IDLE_SECONDS = 5;

    @RegisterExtension
    final Resources resources = new Resources();

    /** What is in use, of everything that a balancer needs. */
    private record Use(long threads, long heap, long direct, long descriptors, long residentKiB) {
        Use eachSince(Use before) {
            return new Use(
                    (threads - before.threads) / BALANCERS,
                    (heap - before.heap) / BALANCERS,
                    (direct - before.direct) / BALANCERS,
                    (descriptors - before.descriptors) / BALANCERS,
                    (residentKiB - before.residentKiB) / BALANCERS);
        }
    }

    @Test
    void balancers_aHundredIdle_costLittle() {
        TestBackend backend = resources.add(TestBackend.echoing());
        ChildJvm child = resources.add(ChildJvm.running(IdleBalancersProgram.class)
                .option("-Xmx512m")
                .option("-XX:ActiveProcessorCount=64")
                .start(backend.port()));
        // What the first one brings, such as classes, is not the others'.
        assertThat(child.ask("start 1")).isEqualTo("started 1");
        Use first = use(child);
        for (int i = 1; i <= BALANCERS; i++) {
            assertThat(child.ask("start 1")).isEqualTo("started " + (1 + i));
        }
        // The threads of the first checks end when there is nothing more to check.
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(use(child).threads())
                        .as("threads")
                        .isLessThanOrEqualTo(MOST_THREADS * (1L + BALANCERS)));
        Use each = use(child).eachSince(first);
        System.out.println("an idle balancer: " + each + ", " + microsOfCpu(child) + " us of CPU a second");
        assertThat(each.heap() + each.direct()).as("bytes of %s", each).isLessThanOrEqualTo(MOST_BYTES);
        assertThat(each.descriptors()).as("descriptors of %s", each).isLessThanOrEqualTo(MOST_DESCRIPTORS);
    }

    private static Use use(ChildJvm child) {
        long[] figures = Arrays.stream(child.ask("figures").split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
        ProcessView process = new ProcessView(child.pid());
        long descriptors = process.descriptors().values().stream()
                .mapToInt(Integer::intValue)
                .sum();
        return new Use(figures[0], figures[1], figures[2], descriptors, process.kibibytes("VmRSS"));
    }

    /** Of each balancer. */
    private static long microsOfCpu(ChildJvm child) {
        Duration before = child.cpu();
        Background.pause(IDLE_SECONDS * 1000L);
        return child.cpu().minus(before).toNanos() / 1000 / IDLE_SECONDS / BALANCERS;
    }
}
