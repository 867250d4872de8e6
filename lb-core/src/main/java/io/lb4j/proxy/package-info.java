/**
 * {@link io.lb4j.proxy.TcpProxy} and its engine. Knows nothing of pools, health or selectors: a {@link
 * io.lb4j.proxy.Router} says where a connection goes and is told how it went.
 *
 * <p>Reading order of the engine. A connection's life: {@code Acceptor}, {@code Reception} (which asks the
 * {@code Gatekeeper} whether it may come in), {@code ProxyConnection}, and its phases, {@code
 * BackendConnector} with its {@code Wait} (while every backend is full) and its {@code Dial}, then {@code Relaying}, which is
 * in {@code internal.relay} with all that moves bytes. Where it comes in: {@code Entrance} (a frontend) with its {@code Port}s
 * and its {@code PortSwitch}; on one loop, {@code Acceptors} (the same frontend there) and {@code AcceptSide} (all of them).
 * Below them {@code EventLoops} and {@code EventLoop}, whose parts are in {@code internal.loop}; {@code Drain} ends a loop, or a
 * frontend on it.
 *
 * <p>One thread owns a connection for its whole life: the event loop whose acceptor accepted it. Connection code has no
 * lock, no volatile and no atomic. The doors between threads are {@code EventLoop.post}, the counters (opaque writes),
 * {@code AcceptGate} (connection limit, accept pauses), {@code RateGate} and {@code ClientTable} (rates and limits of a frontend), {@code Entrance} (what a frontend amounts to), {@code BufferBudget}, {@code NameResolver},
 * {@code SocketTableReader}, and {@code Calls} (whose turn in the line has come).
 *
 * <p>The sockets are the JDK's or those of {@code internal.epoll}, behind one {@link
 * java.nio.channels.spi.SelectorProvider}: {@code ChosenTransport} says which, and nothing else knows.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.proxy;

import org.jspecify.annotations.NullMarked;
