/**
 * The bytes of a connection: what moves them, and what one side's end means for the other.
 *
 * <p>Reading order: {@code Endpoint} (a socket), {@code Relay} (one direction), {@code RelayPair} (both, and how they end),
 * {@code Relaying} (the phase: how long it may last), {@code DeliveryCheck} and {@code SocketTableReader} (whether what was
 * written has arrived). {@code RelayLoop} and {@code Relayed} are all that it knows of loops and connections.
 */
@org.jspecify.annotations.NullMarked
package io.lb4j.internal.relay;
