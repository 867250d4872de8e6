package io.lb4j.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.proxy.Route;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.ClientConnection;
import io.lb4j.stats.BackendStats;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendPoolTest {
    private static final Backend A = Backend.of("10.0.0.1", 1).withId("a");
    private static final Backend B = Backend.of("10.0.0.2", 1).withId("b");
    private static final ClientConnection CLIENT = new Client();

    private final List<BackendStatusChanged> events = new ArrayList<>();
    private final List<Integer> offered = new ArrayList<>();

    @Test
    void next_allDownOrFailed_isNobodyAndTheSelectorIsNotAsked() {
        BackendPool pool = pool((candidates, connection) -> {
            offered.add(candidates.size());
            return candidates.get(0);
        });
        Route first = pool.next(CLIENT, List.of());
        assertThat(first).isNotNull();
        Route second = pool.next(CLIENT, List.of(first));
        assertThat(second).isNotNull().isNotSameAs(first);
        assertThat(pool.next(CLIENT, List.of(first, second))).isNull();
        pool.checked(A, BackendStatus.DOWN, "refused");
        pool.checked(B, BackendStatus.DOWN, "refused");
        assertThat(pool.next(CLIENT, List.of())).isNull();
        assertThat(offered).containsExactly(2, 1);
    }

    @Test
    void next_backendOfWeightZero_getsNothing() {
        BackendPool pool = new BackendPool(
                "test",
                List.of(A.withWeight(0), B),
                "not checked",
                BackendSelector.roundRobin(),
                null,
                null,
                System::nanoTime);
        for (int i = 0; i < 10; i++) {
            Route route = pool.next(CLIENT, List.of());
            assertThat(route).isNotNull();
            assertThat(route.backend()).isEqualTo(B);
        }
    }

    @Test
    void next_selectorRefuses_isNobody() { // E7
        assertThat(pool((candidates, connection) -> null).next(CLIENT, List.of()))
                .isNull();
    }

    @Test
    void next_selectorThrows_isThrown() { // E7
        BackendPool pool = pool((candidates, connection) -> {
            throw new AssertionError("no idea");
        });
        assertThatThrownBy(() -> pool.next(CLIENT, List.of())).hasMessage("no idea");
    }

    @Test
    void next_selectorInventsACandidate_isAskedOnceMoreThenRefused() { // E7
        Candidate foreign = new Candidate() {
            @Override
            public Backend backend() {
                return A;
            }

            @Override
            public int activeConnections() {
                return 0;
            }
        };
        BackendPool pool = pool((candidates, connection) -> {
            offered.add(candidates.size());
            return foreign;
        });
        assertThatThrownBy(() -> pool.next(CLIENT, List.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("which is no candidate");
        assertThat(offered).containsExactly(2, 2);
    }

    @Test
    void next_selectorKeepsACandidateThatWentDown_isAskedOnceMore() { // E7
        List<Candidate> kept = new ArrayList<>();
        BackendPool pool = pool((candidates, connection) -> {
            offered.add(candidates.size());
            kept.add(candidates.get(0));
            // The first candidate of all, once too often; then the first of those who are here.
            return offered.size() == 2 ? kept.get(0) : candidates.get(0);
        });
        pool.next(CLIENT, List.of());
        pool.checked(A, BackendStatus.DOWN, "refused");
        Route route = pool.next(CLIENT, List.of());
        assertThat(route).isNotNull();
        assertThat(route.backend()).isEqualTo(B);
        assertThat(offered).containsExactly(2, 1, 1);
    }

    @Test
    void next_selectorPicksTheOneThatFailedForThisConnection_isRefused() { // E7, C1
        List<Candidate> kept = new ArrayList<>();
        BackendPool pool = pool((candidates, connection) -> {
            kept.add(candidates.get(0));
            return kept.get(0);
        });
        Route failed = pool.next(CLIENT, List.of());
        assertThat(failed).isNotNull();
        assertThatThrownBy(() -> pool.next(CLIENT, List.of(failed))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void checked_statusChanges_areToldOnceAndReasonsAreKept() {
        BackendPool pool = pool(BackendSelector.roundRobin());
        pool.checked(A, BackendStatus.UP, "after 1 passed check");
        pool.checked(A, BackendStatus.DOWN, "refused");
        pool.checked(A, BackendStatus.DOWN, "timed out");
        pool.checked(A, BackendStatus.UP, "back");
        pool.checked(Backend.of("10.0.0.9", 1), BackendStatus.DOWN, "not one of ours");
        assertThat(events)
                .containsExactly(
                        new BackendStatusChanged(A, BackendStatus.UP, BackendStatus.DOWN, "refused"),
                        new BackendStatusChanged(A, BackendStatus.DOWN, BackendStatus.UP, "back"));
        assertThat(pool.states())
                .containsExactly(
                        new BackendState(A, BackendStatus.UP, "back", 0),
                        new BackendState(B, BackendStatus.UP, "not checked yet", 0));
    }

    @Test
    void checked_listenerThrows_theStatusHasChangedAllTheSame() { // E8
        BackendPool pool = new BackendPool(
                "test",
                List.of(A, B),
                "not checked yet",
                BackendSelector.roundRobin(),
                null,
                new LoadBalancerListener() {
                    @Override
                    public void backendStatusChanged(BackendStatusChanged event) {
                        throw new AssertionError("thrown on purpose");
                    }
                },
                System::nanoTime);
        pool.checked(A, BackendStatus.DOWN, "refused");
        assertThat(pool.states().get(0).status()).isEqualTo(BackendStatus.DOWN);
    }

    @Test
    void stats_followTheAttemptsAndOutliveADownBackend() {
        BackendPool pool = pool((candidates, connection) -> candidates.get(0));
        Route route = pool.next(CLIENT, List.of());
        assertThat(route).isNotNull();
        assertThat(pool.stats().get("a")).isEqualTo(new BackendStats(1, 0, 0, 0, 0));
        route.connectFailed(new ConnectException());
        route.released(0, 0);
        assertThat(pool.next(CLIENT, List.of())).isSameAs(route);
        route.connected(1);
        route.released(10, 20);
        pool.checked(A, BackendStatus.DOWN, "refused");
        assertThat(pool.stats().get("a")).isEqualTo(new BackendStats(0, 1, 1, 10, 20));
        assertThat(pool.stats().keySet()).containsExactly("a", "b");
    }

    private BackendPool pool(BackendSelector selector) {
        LoadBalancerListener listener = new LoadBalancerListener() {
            @Override
            public void backendStatusChanged(BackendStatusChanged event) {
                events.add(event);
            }
        };
        return new BackendPool("test", List.of(A, B), "not checked yet", selector, null, listener, System::nanoTime);
    }

    private record Client() implements ClientConnection {
        @Override
        public InetSocketAddress clientAddress() {
            return new InetSocketAddress(1);
        }

        @Override
        public InetSocketAddress listenAddress() {
            return new InetSocketAddress(2);
        }

        @Override
        public int attempt() {
            return 1;
        }
    }
}
