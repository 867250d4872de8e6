package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.child.HiccupProgram;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** E6: a process that was stopped for a moment blames nobody. {@code -Dhiccups=25} makes more of it. */
@EnabledOnOs(OS.LINUX)
class HiccupTest {
    private static final int STOPS = Integer.getInteger("hiccups", 3);
    private static final Duration STOP = Duration.ofMillis(1300);
    private static final int ENOUGH_CHECKS = 40;

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend echoing = resources.add(TestBackend.echoing());

    /** Longer than a check may take: each that was under way is late when the process goes on. */
    @Test
    void process_thatIsStoppedForLongerThanACheckMayTake_takesNobodyForDown() {
        ChildJvm child = resources.add(ChildJvm.running(HiccupProgram.class).start(echoing.port(), 10, 1000));
        assertThat(child.line()).startsWith("port ");
        awaitChecks(child);
        for (int i = 0; i < STOPS; i++) {
            signal(child, "STOP");
            await().pollDelay(STOP).until(() -> true);
            signal(child, "CONT");
            awaitChecks(child);
        }
        assertThat(child.ask("changes")).endsWith(" []");
    }

    private static void awaitChecks(ChildJvm child) {
        long before = passed(child);
        await().until(() -> passed(child) >= before + ENOUGH_CHECKS);
    }

    private static long passed(ChildJvm child) {
        return Long.parseLong(child.ask("checks").split(" ")[0]);
    }

    private static void signal(ChildJvm child, String name) {
        Program.run("kill", "-" + name, "" + child.pid());
    }
}
