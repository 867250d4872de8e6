/**
 * The relay: {@link io.lb4j.proxy.TcpProxy} and the engine behind it. Knows nothing of pools, health or selectors: a
 * {@link io.lb4j.proxy.Router} says where a connection goes and is told how it went.
 *
 * <p>Reading order of the engine, which is the order of a connection's life: {@code Acceptor}, {@code ProxyConnection},
 * {@code BackendConnector} with its {@code Wait} (while every backend is full) and its {@code Dial}, {@code RelayPair} with its two of {@code Relay}, and below them
 * {@code EventLoop} with its {@code LoopSelector}.
 *
 * <p>One thread owns a connection for its whole life: the event loop whose acceptor accepted it. Connection code has no
 * lock, no volatile and no atomic. The doors between threads are {@code EventLoop.post}, the counters (opaque writes),
 * {@code AcceptGate} (connection limit, accept pauses), {@code BufferBudget}, {@code NameResolver},
 * {@code SocketTableReader}, and {@code Calls} (whose turn in the line has come).
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.proxy;

import org.jspecify.annotations.NullMarked;
