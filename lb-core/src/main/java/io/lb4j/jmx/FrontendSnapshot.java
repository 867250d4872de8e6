package io.lb4j.jmx;

import io.lb4j.internal.util.Hosts;
import io.lb4j.proxy.Frontend;
import io.lb4j.stats.FrontendStats;
import java.util.List;

/** A view of what the balancer said. JMX wants getters. */
record FrontendSnapshot(Frontend frontend, boolean listening, FrontendStats stats) implements FrontendView {
    static FrontendSnapshot of(Frontend frontend) {
        return new FrontendSnapshot(frontend, frontend.isListening(), frontend.stats());
    }

    @Override
    public String getName() {
        return frontend.name();
    }

    @Override
    public List<String> getAddresses() {
        return frontend.addresses().stream().map(Hosts::join).toList();
    }

    @Override
    public String getDestination() {
        return frontend.config().destination();
    }

    @Override
    public boolean isListening() {
        return listening;
    }

    @Override
    public long getActiveConnections() {
        return stats.active();
    }

    @Override
    public long getAcceptedConnections() {
        return stats.accepted();
    }

    @Override
    public long getBytesToBackend() {
        return stats.bytesToBackend();
    }

    @Override
    public long getBytesToClient() {
        return stats.bytesToClient();
    }
}
