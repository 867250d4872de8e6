package io.lb4j.jmx;

import io.lb4j.backend.BackendState;
import io.lb4j.internal.util.Hosts;
import io.lb4j.stats.BackendStats;

/** One backend at one moment; JMX makes composite data of its getters. */
public final class BackendView {
    private final BackendState state;
    private final BackendStats stats;

    BackendView(BackendState state, BackendStats stats) {
        this.state = state;
        this.stats = stats;
    }

    /** Its id. */
    public String getId() {
        return state.backend().id();
    }

    /** Its host and port. */
    public String getAddress() {
        return Hosts.join(state.backend().host(), state.backend().port());
    }

    /** Its weight, 0..1000. */
    public int getWeight() {
        return state.backend().weight();
    }

    /** Its status: UP, DOWN, EJECTED, DRAINING or DISABLED. */
    public String getStatus() {
        return state.status().name();
    }

    /** Why it has that status. */
    public String getReason() {
        return state.reason();
    }

    /** Connections open or being opened now. */
    public long getActiveConnections() {
        return stats.active();
    }

    /** Connections made to it. */
    public long getConnections() {
        return stats.connections();
    }

    /** Attempts to connect that failed there. */
    public long getConnectFailures() {
        return stats.connectFailuresTotal();
    }

    /** Bytes sent to it over connections that have ended. */
    public long getBytesToBackend() {
        return stats.bytesToBackend();
    }

    /** Bytes received from it over connections that have ended. */
    public long getBytesToClient() {
        return stats.bytesToClient();
    }

    /** Health checks that failed. */
    public long getChecksFailed() {
        return stats.checksFailed();
    }

    /** Times it was ejected. */
    public long getEjections() {
        return stats.ejections();
    }
}
