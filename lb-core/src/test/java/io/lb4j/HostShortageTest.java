package io.lb4j;

import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.ShortHost;
import io.lb4j.testing.child.HostProgram;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process that a balancer lives in runs out of something and gets it back, again and again: every time everything
 * serves and is checked again, and at last nothing is left: no connection, no descriptor, no place taken. A failure
 * prints what is known of that process, and its seed; {@code -Dshortage.seed} repeats the choices, though not what two
 * threads made of them; {@code -Dshortage.checkMillis=0} leaves out the health checks, {@code -Dshortage.rounds} sets how often:
 * what has not run before goes wrong in the first rounds of a process, so many builds find more than many rounds.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class HostShortageTest {
    private static final long DIRECT_MEMORY = 8 << 20;

    private final long seed =
            Long.getLong("shortage.seed", ThreadLocalRandom.current().nextInt(1_000_000));

    @TempDir
    Path directory;

    @Test
    void heap_filledAndFreed_leavesNothingBehind() {
        run(settings(), "heap", 8, 50, 200);
    }

    @Test
    void descriptors_takenAndReturned_leaveNothingBehind() {
        run(settings().descriptors(400), "descriptors", 8, 50, 200);
    }

    @Test
    void directMemory_takenAndReturned_leavesNothingBehind() {
        // Half a second is what the JDK itself waits before it says that there is none.
        run(settings(), "direct", 4, 600, 900);
    }

    @Test
    void everything_takenAndReturnedAtOnce_leavesNothingBehind() {
        run(settings().descriptors(400), "all", 6, 50, 200);
    }

    private static ChildJvm.Settings settings() {
        return ChildJvm.running(HostProgram.class).option("-Xmx48m");
    }

    private void run(ChildJvm.Settings settings, String what, int rounds, int leastMillis, int mostMillis) {
        try (ShortHost host = new ShortHost(settings, DIRECT_MEMORY, directory, seed)) {
            host.runShort(what, Integer.getInteger("shortage.rounds", rounds), leastMillis, mostMillis);
        }
    }
}
