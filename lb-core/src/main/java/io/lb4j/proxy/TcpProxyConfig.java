package io.lb4j.proxy;

import java.util.List;

/**
 * The settings a proxy runs with.
 *
 * @param name begins every log line and is part of every thread's name
 * @param frontends where it listens, in the order in which they were added; unmodifiable
 * @param timeouts how long things may take
 * @param limits how much there may be at a time
 * @param eventLoops how many threads relay
 */
public record TcpProxyConfig(
        String name, List<FrontendConfig> frontends, TimeoutPolicy timeouts, LimitPolicy limits, int eventLoops) {
    public TcpProxyConfig {
        frontends = List.copyOf(frontends);
    }

    TcpProxyConfig withFrontends(List<FrontendConfig> others) {
        return new TcpProxyConfig(name, others, timeouts, limits, eventLoops);
    }

    TcpProxyConfig with(TimeoutPolicy otherTimeouts, LimitPolicy otherLimits) {
        return new TcpProxyConfig(name, frontends, otherTimeouts, otherLimits, eventLoops);
    }
}
