package io.lb4j.proxy;

import java.time.Duration;
import java.util.Optional;

/**
 * The settings a proxy runs with.
 *
 * @param name begins every log line and is part of every thread's name
 * @param listenHost the address or host name to listen on
 * @param listenPort the port asked for; 0 for any free one
 * @param connectTimeout how long an attempt to connect may take, with all addresses of the backend
 * @param connectAttempts how many backends are tried for one connection
 * @param idleTimeout how long both directions may be silent; empty for ever
 * @param halfClosedTimeout how long a connection may be silent after one side ended its stream
 * @param stallTimeout how long one side may take none of the bytes that wait for it
 * @param maxLifetime how long a connection may be open; empty for ever
 * @param maxConnections how many connections may be open; empty for as many as the process has descriptors for
 * @param maxBufferedBytes how many bytes may be held that one side has sent and the other does not take yet
 * @param eventLoops how many threads relay
 */
public record TcpProxyConfig(
        String name,
        String listenHost,
        int listenPort,
        Duration connectTimeout,
        int connectAttempts,
        Optional<Duration> idleTimeout,
        Duration halfClosedTimeout,
        Duration stallTimeout,
        Optional<Duration> maxLifetime,
        Optional<Integer> maxConnections,
        long maxBufferedBytes,
        int eventLoops) {}
