package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Telling;
import java.util.List;
import org.junit.jupiter.api.Test;

/** For whom events of connections are made. */
class ListeningTest {
    private static final class OfBackends implements LoadBalancerListener, Telling.OfBackends {}

    private final Guests guests = new Guests("x", (connection, failed) -> null, List.of(), () -> 0);

    @Test
    void listenerOfBackends_costsConnectionsNothing() {
        guests.add(new OfBackends());
        assertThat(guests.areListening()).isFalse();
        guests.add(new LoadBalancerListener() {});
        assertThat(guests.areListening()).isTrue();
    }
}
