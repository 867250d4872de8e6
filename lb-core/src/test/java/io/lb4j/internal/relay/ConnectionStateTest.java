package io.lb4j.internal.relay;

import static io.lb4j.internal.relay.ConnectionState.ARRIVING;
import static io.lb4j.internal.relay.ConnectionState.BACKEND_FINISHED;
import static io.lb4j.internal.relay.ConnectionState.CLIENT_FINISHED;
import static io.lb4j.internal.relay.ConnectionState.CLOSED;
import static io.lb4j.internal.relay.ConnectionState.CONNECTING;
import static io.lb4j.internal.relay.ConnectionState.DELIVERING;
import static io.lb4j.internal.relay.ConnectionState.RELAYING;
import static io.lb4j.internal.relay.ConnectionState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectionStateTest {
    private static final Map<ConnectionState, Set<ConnectionState>> LEGAL = Map.of(
            ARRIVING, EnumSet.of(CONNECTING, CLOSED),
            CONNECTING, EnumSet.of(WAITING, RELAYING, CLOSED),
            WAITING, EnumSet.of(CONNECTING, CLOSED),
            RELAYING, EnumSet.of(CLIENT_FINISHED, BACKEND_FINISHED, DELIVERING, CLOSED),
            CLIENT_FINISHED, EnumSet.of(DELIVERING, CLOSED),
            BACKEND_FINISHED, EnumSet.of(DELIVERING, CLOSED),
            DELIVERING, EnumSet.of(CLOSED),
            CLOSED, EnumSet.noneOf(ConnectionState.class));

    @ParameterizedTest
    @EnumSource
    void everyPair_isLegal_exactlyWhereTheTableSaysSo(ConnectionState from) {
        for (ConnectionState to : ConnectionState.values()) {
            assertThat(from.canBecome(to))
                    .as("%s -> %s", from, to)
                    .isEqualTo(LEGAL.get(from).contains(to));
        }
    }
}
