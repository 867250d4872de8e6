package io.lb4j.proxy;

/**
 * The settings a proxy runs with.
 *
 * @param name begins every log line and is part of every thread's name
 * @param listenHost the address or host name to listen on
 * @param listenPort the port asked for; 0 for any free one
 * @param timeouts how long things may take
 * @param limits how much there may be at a time
 * @param eventLoops how many threads relay
 */
public record TcpProxyConfig(
        String name, String listenHost, int listenPort, TimeoutPolicy timeouts, LimitPolicy limits, int eventLoops) {}
