package io.lb4j.jmx;

import io.lb4j.backend.BackendState;
import io.lb4j.internal.util.Hosts;
import io.lb4j.stats.BackendStats;

/** A view of what the balancer said. JMX wants getters. */
record BackendSnapshot(BackendState state, BackendStats stats) implements BackendView {
    @Override
    public String getId() {
        return state.backend().id();
    }

    @Override
    public String getPool() {
        return state.backend().pool();
    }

    @Override
    public String getAddress() {
        return Hosts.join(state.backend().host(), state.backend().port());
    }

    @Override
    public int getWeight() {
        return state.backend().weight();
    }

    @Override
    public String getStatus() {
        return state.status().name();
    }

    @Override
    public String getReason() {
        return state.reason();
    }

    @Override
    public long getActiveConnections() {
        return stats.active();
    }

    @Override
    public long getConnections() {
        return stats.connections();
    }

    @Override
    public long getConnectFailures() {
        return stats.connectFailuresTotal();
    }

    @Override
    public long getBytesToBackend() {
        return stats.bytesToBackend();
    }

    @Override
    public long getBytesToClient() {
        return stats.bytesToClient();
    }

    @Override
    public long getChecksFailed() {
        return stats.checksFailed();
    }

    @Override
    public long getEjections() {
        return stats.ejections();
    }
}
