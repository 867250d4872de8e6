package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.loop.SocketSettings;
import io.lb4j.internal.util.Closing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/**
 * What becomes of a client that was just accepted under a place of the gate: he is turned away, or a connection. Until then
 * all that was taken for him is given back here, and by nobody else. Confined to its loop.
 */
final class Reception {
    private final EventLoop loop;
    private final ProxyContext context;
    private final Acceptor acceptor;
    private final Admittance admittance;

    Reception(EventLoop loop, Acceptor acceptor) {
        this.loop = loop;
        this.context = loop.context();
        this.acceptor = acceptor;
        admittance = acceptor.entrance().admittance();
    }

    /** Does not fail. */
    void receive(SocketChannel client) {
        ClientPlace place = ClientPlace.UNCOUNTED;
        SocketChannel reserved = null;
        ProxyConnection connection;
        try {
            Gatekeeper gatekeeper = admittance.gatekeeper();
            if (gatekeeper != null) {
                InetSocketAddress address = address(client);
                place = gatekeeper.admit(address.getAddress(), loop.now());
                if (place.refusal() != null) {
                    refuse(client, address, place.refusal());
                    return;
                }
            }
            reserved = loop.acceptSide().takeReserved();
            SocketSettings.tune(client);
            connection = new ProxyConnection(acceptor, loop, client, Objects.requireNonNull(reserved), place);
        } catch (Throwable failure) {
            SocketSettings.reset(client);
            Closing.quietly(reserved);
            place.leave(loop.now());
            context.gate.leave();
            context.shortage("cannot serve a connection:", failure);
            return;
        }
        counters().add(LoopCounters.ACCEPTED, 1);
        counters().add(LoopCounters.ACTIVE, 1);
        connection.accepted();
        loop.accepted();
    }

    private static InetSocketAddress address(SocketChannel client) throws IOException {
        return (InetSocketAddress) Objects.requireNonNull(client.getRemoteAddress());
    }

    /** Counted and told as every other connection that ends. The descriptor for its backend is for whoever comes next. */
    private void refuse(SocketChannel client, InetSocketAddress address, CloseReason why) {
        counters().add(LoopCounters.ACCEPTED, 1);
        counters().closed(why);
        SocketSettings.reset(client);
        context.refused(why);
        try {
            tell(address, why);
        } catch (Throwable exhausted) {
            loop.failure("an event", exhausted);
        }
        // Last of all: who is woken by it is not to find more of us than there may be.
        context.gate.leave();
    }

    private void tell(InetSocketAddress address, CloseReason why) {
        if (context.guests.areListening() || context.log.isDebugEnabled()) {
            ConnectionStory story = new ConnectionStory(loop, acceptor, address);
            story.accepted();
            story.blame(why, Party.BALANCER, ConnectionPhase.ARRIVING, null);
            story.closed(0, 0, 0);
        }
    }

    private LoopCounters counters() {
        return acceptor.frontend().counters();
    }
}
