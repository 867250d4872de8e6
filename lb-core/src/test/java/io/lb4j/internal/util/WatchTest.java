package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.LogCapture;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Who is said to hang, when and how often. A look is a second. */
class WatchTest {
    private final LogCapture log = LogCapture.open();
    private final Watched watched = watched();

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void guest_whoDoesNotReturn_isToldOfAtOneSecondAndThenAtTenTimesAsMuch() {
        watched.enter("listener", this);
        look(1);
        assertThat(log.messages()).as("he may have come a moment ago").isEmpty();
        look(1);
        assertThat(log.messages())
                .singleElement()
                .asString()
                .startsWith("orders: listener io.lb4j.internal.util.WatchTest on "
                        + Thread.currentThread().getName()
                        + " has not returned for 1 s; health checks wait; it is at java.")
                .contains("Watched.look", "WatchTest.java:");
        look(8);
        assertThat(log.messages()).hasSize(1);
        look(1);
        assertThat(log.messages("for 10 s")).hasSize(1);
        look(90);
        assertThat(log.messages("for 100 s")).hasSize(1);
        assertThat(log.messages()).hasSize(3);

        watched.leave();
        look(2);
        assertThat(log.messages("WatchTest on ").get(3)).endsWith("came back after 100 s");
        assertThat(log.messages()).hasSize(4);
    }

    @Test
    void guest_whoHangsAgain_isToldOfAgain() {
        for (int i = 1; i <= 3; i++) {
            watched.enter("listener", this);
            look(5);
            watched.leave();
            watched.enter("listener", this);
            look(1);
            watched.leave();
            assertThat(log.messages("for 1 s")).hasSize(i);
            assertThat(log.messages("came back after 4 s")).hasSize(i);
        }
    }

    @Test
    void guests_whoReturn_areNotToldOf() {
        for (int i = 0; i < 10; i++) {
            watched.enter("listener", this);
            look(1);
            watched.leave();
            watched.enter("listener", this);
            watched.leave();
        }
        look(10);
        assertThat(log.messages()).isEmpty();
    }

    @Test
    void guestOfAGuest_isNamedInstead() {
        Watched.Host host = () -> List.of("a selector");
        watched.enter("selector", host);
        look(2);
        assertThat(log.messages("selector " + List.of("a selector").getClass().getName()))
                .hasSize(1);
    }

    @Test
    void memory_thatIsOutForOne_isNoReasonToOverlookTheNext() {
        Watch watch = Watch.running();
        Watched other = watched();
        Watched.Host host = () -> {
            throw new OutOfMemoryError("on purpose");
        };
        watched.enter("selector", host);
        other.enter("listener", this);
        watch.add(watched);
        watch.add(other);
        await().untilAsserted(() -> assertThat(log.messages("listener ")).isNotEmpty());
        watch.remove(watched);
        assertThat(LeakCheck.balancerThreads()).containsExactly("lb-watch");
        watch.remove(other);
        await().untilAsserted(() -> assertThat(LeakCheck.balancerThreads()).isEmpty());
        watch.remove(other);
        watch.add(watched);
        assertThat(LeakCheck.balancerThreads()).containsExactly("lb-watch");
        watch.remove(watched);
    }

    @Test
    void look_whileNobodyHangs_allocatesNothing() {
        Watch watch = Watch.running();
        List<Watched> all = Stream.generate(WatchTest::watched).limit(100).toList();
        all.forEach(watch::add);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        watch.look();
        long before = threads.getThreadAllocatedBytes(self);
        for (int i = 0; i < 1000; i++) {
            watch.look();
        }
        // What asking takes.
        assertThat(threads.getThreadAllocatedBytes(self) - before).isLessThan(1000);
        all.forEach(watch::remove);
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            watched.look();
        }
    }

    private static Watched watched() {
        return new Watched(new NamedLog(LoggerFactory.getLogger(WatchTest.class), "orders"), "health checks wait");
    }
}
