package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.proxy.PlaceInLine;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Router;
import io.lb4j.proxy.Waiter;
import io.lb4j.selection.ClientConnection;
import io.lb4j.selection.QueuePolicy;
import io.lb4j.testing.ManualClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Whom a line calls, when those who wait have failed at different backends. */
class WaitingLineTest {
    private final Route a = route("a");
    private final Route b = route("b");
    private final Map<Route, Integer> room = new HashMap<>();
    private final List<String> called = new ArrayList<>();
    private final WaitingLine line = new WaitingLine(new Backends(), ManualClock.create());

    @Test
    void placeGivenBack_whileThoseWhoWaitCannotUseOthers_callsOne() {
        join("1", QueuePolicy.builder().build(), b);
        join("2", QueuePolicy.builder().build(), b);
        join("3", QueuePolicy.builder().build(), b);
        room.put(b, 100);
        line.roomGained();
        assertThat(called).as("nobody can use what b has").isEmpty();
        room.put(a, 1);
        line.roomGained();
        assertThat(called).containsExactly("1");
    }

    @Test
    void join_whenTooManyWait_isPossibleWhileThereIsRoomForTheNewcomer() {
        QueuePolicy one = QueuePolicy.builder().maxWaiting(1).build();
        assertThat(join("1", one, b)).isNotNull();
        assertThat(join("2", one)).as("nobody has room").isNull();
        room.put(b, 1);
        PlaceInLine third = join("3", one);
        assertThat(third).isNotNull();
        assertThat(called).containsExactly("3");
        assertThat(join("4", one)).as("what there is, is for the third").isNull();
        assertThat(Objects.requireNonNull(third).next(TestClient.of(3))).isSameAs(b);
        assertThat(line.stats().waiting()).isEqualTo(1);
    }

    private PlaceInLine join(String name, QueuePolicy policy, Route... failed) {
        return line.join(
                new Waiter() {
                    @Override
                    public ClientConnection connection() {
                        return TestClient.of(1);
                    }

                    @Override
                    public List<Route> failed() {
                        return List.of(failed);
                    }

                    @Override
                    public void call() {
                        called.add(name);
                    }
                },
                policy);
    }

    private static Route route(String name) {
        return () -> Backend.of("127.0.0.1", 1).withId(name);
    }

    private final class Backends implements WaitingLine.Backends {
        @Override
        public int room(List<Route> failed, int most) {
            int sum = room.entrySet().stream()
                    .filter(one -> !failed.contains(one.getKey()))
                    .mapToInt(Map.Entry::getValue)
                    .sum();
            return Math.min(most, sum);
        }

        @Override
        public boolean areThereFor(List<Route> failed) {
            return !failed.containsAll(List.of(a, b));
        }

        @Override
        public Route pick(ClientConnection connection, List<Route> failed) {
            for (Route route : List.of(a, b)) {
                if (!failed.contains(route) && room.getOrDefault(route, 0) > 0) {
                    room.merge(route, -1, Integer::sum);
                    return route;
                }
            }
            return Router.FULL;
        }
    }
}
