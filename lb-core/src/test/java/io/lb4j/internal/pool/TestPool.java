package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.CloseReason;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.event.Party;
import io.lb4j.health.CheckAnswer;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.internal.health.Health;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Router;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.ManualControl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A pool on its own in time that the test moves, and what it sets going. */
final class TestPool implements PoolHooks {
    private final boolean checking;
    final ManualClock clock;
    final ManualControl control;
    final BackendPool pool;
    final Administration admin;
    final List<BackendStatusChanged> events = new ArrayList<>();
    /** What listeners were told of who comes and goes: + and - and the id. */
    final List<String> told = new ArrayList<>();

    final List<String> doubted = new ArrayList<>();
    final List<String> added = new ArrayList<>();
    final List<String> removed = new ArrayList<>();
    final List<String> aborted = new ArrayList<>();
    final List<String> givenUp = new ArrayList<>();

    /** What was wanted of the port, in order. */
    final List<Boolean> listening = new ArrayList<>();

    /** So many of the next calls to abort fail, before or after some connections were aborted. */
    int failingAborts;

    /** Connections that are open, of whatever backend; aborting ends them. */
    final List<Route> open = new ArrayList<>();

    TestPool(PoolRules settings, Backend... backends) {
        this(ManualClock.create(), settings, backends);
    }

    TestPool(ManualClock clock, PoolRules settings, Backend... backends) {
        this(clock, settings, Health.unchecked(true, "not checked yet"), false, backends);
    }

    /** One whose backends are checked, by {@link #check}. */
    static TestPool checking(PoolRules settings, Health initial, Backend... backends) {
        return new TestPool(ManualClock.create(), settings, initial, true, backends);
    }

    private TestPool(ManualClock clock, PoolRules settings, Health initial, boolean checking, Backend... backends) {
        this.checking = checking;
        this.clock = clock;
        control = new ManualControl(clock);
        LoadBalancerListener listener = new LoadBalancerListener() {
            @Override
            public void backendStatusChanged(BackendStatusChanged event) {
                events.add(event);
            }

            @Override
            public void backendAdded(Backend backend) {
                told.add("+" + backend.id());
            }

            @Override
            public void backendRemoved(Backend backend) {
                told.add("-" + backend.id());
            }
        };
        // The middle of the range: no jitter.
        pool = new BackendPool(
                settings,
                new Announcer("test", List.of(listener), control, clock),
                new BackendPool.Surroundings(control, clock, () -> Long.MIN_VALUE));
        pool.begin(this, List.of(backends), initial);
        admin = pool.administration();
    }

    /** A pool in which nobody waits. */
    static TestPool of(BackendSelector selector, Backend... backends) {
        return new TestPool(PoolRules.of(selector).withQueue(null), backends);
    }

    static Backend backend(String id) {
        return Backend.of("127.0.0.1", 1).withId(id);
    }

    // ---- what it sets going

    @Override
    public boolean isChecking() {
        return checking;
    }

    @Override
    public void added(List<? extends CheckedBackend> backends, Health initial) {
        backends.forEach(backend -> added.add(backend.backend().id()));
    }

    @Override
    public void removed(CheckedBackend backend) {
        removed.add(backend.backend().id());
    }

    @Override
    public void doubted(CheckedBackend backend) {
        doubted.add(backend.backend().id());
    }

    @Override
    public void giveUpAttempts(Route backend) {
        givenUp.add(backend.backend().id());
    }

    @Override
    public void listening(boolean wanted) {
        listening.add(wanted);
    }

    @Override
    public CompletionStage<Integer> abort(Route backend, CloseReason reason) {
        if (failingAborts-- > 0) {
            open.stream().filter(route -> route == backend).findFirst().ifPresent(this::end);
            throw new OutOfMemoryError("on purpose");
        }
        aborted.add(backend.backend().id() + " " + reason);
        List<Route> its = open.stream().filter(route -> route == backend).toList();
        open.removeAll(its);
        its.forEach(route -> route.released());
        return CompletableFuture.completedFuture(its.size());
    }

    // ---- what happens to it

    /** A check that took no time, and a moment before it. */
    void check(String id, boolean passes, String reason) {
        clock.advance(Duration.ofNanos(1));
        check(id, passes, reason, clock.getAsLong());
    }

    /** A check that passed, and this is what the backend said. */
    void answer(String id, CheckAnswer answer) {
        clock.advance(Duration.ofNanos(1));
        String reason = answer.draining() ? "its check says that it drains" : "back";
        pool.checked(member(id).place(), new Health(true, reason, null, 1, 0, answer, clock.getAsLong()));
    }

    void check(String id, boolean passes, String reason, long beganAt) {
        Member member = member(id);
        Health before = member.health();
        int passed = passes ? before.passed() + 1 : 0;
        int failed = passes ? 0 : before.failed() + 1;
        pool.checked(member.place(), new Health(passes, reason, null, passed, failed, CheckAnswer.HEALTHY, beganAt));
    }

    void down(String id) {
        check(id, false, "refused");
    }

    void up(String id) {
        check(id, true, "back");
    }

    Member member(String id) {
        return pool.snapshotNow().members().stream()
                .filter(member -> member.backend().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** A connection that stays open until {@link #end}; null when there is nobody for it, or all are full. */
    @Nullable
    Route connect(int client) {
        Route route = pool.next(TestClient.of(client), List.of());
        if (route == null || route == Router.FULL) {
            return null;
        }
        open.add(route);
        return route;
    }

    /** So many that stay open, of the backend "a": by round robin among two, it gets every second one. */
    List<Route> connectToA(int count) {
        List<Route> held = new ArrayList<>();
        for (int i = 0; i < 2 * count; i++) {
            Route route = connect(i);
            if (id(route).equals("a")) {
                held.add(route);
            } else {
                end(route);
            }
        }
        assertThat(held).hasSize(count);
        return held;
    }

    void end(Route route) {
        open.remove(route);
        route.ended(CloseReason.COMPLETED, Party.CLIENT, 1, 1);
        route.released();
    }

    BackendStatus status(String id) {
        return state(id).status();
    }

    BackendState state(String id) {
        return pool.states().stream()
                .filter(state -> state.backend().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** How often each was picked by so many connections of different clients that ended at once. */
    Map<String, Integer> counts(int picks) {
        Map<String, Integer> counts = new TreeMap<>();
        IntStream.range(0, picks).forEach(i -> {
            Route route = pool.next(TestClient.of(i), List.of());
            counts.merge(id(route), 1, Integer::sum);
            if (route != null) {
                route.released();
            }
        });
        return counts;
    }

    static String id(@Nullable Route route) {
        return route == null ? "nobody" : route.backend().id();
    }
}
