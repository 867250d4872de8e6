package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.Chunk;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.loop.SocketSettings;
import io.lb4j.internal.util.Closing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a client that was just accepted under a place of the gate: he is turned away, or a connection. Until then
 * all that was taken for him is given back here, and by nobody else. Confined to its loop.
 */
final class Reception {
    /** A few microseconds. */
    private static final int A_MOMENT = 64;

    private final EventLoop loop;
    private final ProxyContext context;
    private final Acceptor acceptor;
    private final Admittance admittance;

    /** Whether a client is heard before a backend is found for him. */
    private final Attempts hearing = new Attempts();

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
        Chunk inHand = null;
        ProxyConnection connection;
        try {
            InetSocketAddress address = (InetSocketAddress) Objects.requireNonNull(client.getRemoteAddress());
            Terms terms = admittance.terms();
            Arrivals arrivals = terms.arrivals();
            place = terms.receive(address.getAddress(), loop.now());
            if (place.refusal() != null) {
                context.refused(place.refusal(), null);
                turnAway(client, address, place.refusal(), Party.BALANCER, null);
                return;
            }
            client.configureBlocking(false);
            if (arrivals != null || (!loop.memory().budget().isSpent() && hearing.isWorthOne())) {
                try {
                    inHand = hear(client);
                } catch (IOException reset) {
                    hearing.insist();
                    place.leave(loop.now());
                    turnAway(client, address, CloseReason.CLIENT_RESET, Party.CLIENT, reset);
                    return;
                }
            }
            reserved = loop.acceptSide().takeReserved();
            SocketSettings.tune(client);
            connection = new ProxyConnection(
                    acceptor, loop, client, address, Objects.requireNonNull(reserved), place, arrivals, inHand);
        } catch (Throwable failure) {
            SocketSettings.reset(client);
            Closing.quietly(reserved);
            if (inHand != null) {
                inHand.giveBack();
            }
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

    /**
     * What he has said by now; null when that is nothing. Of a client who speaks first it is no call more, and of one who has
     * gone by now no backend hears.
     *
     * @throws IOException when he has reset the connection
     */
    private @Nullable Chunk hear(SocketChannel client) throws IOException {
        int most = acceptor.entrance().mostAhead();
        int read = loop.memory().readAhead(client, most);
        if (read == 0 && hearing.isInsisting()) {
            // In a flood of clients who reset at once, one who was just accepted does so within microseconds.
            for (int i = 0; i < A_MOMENT; i++) {
                Thread.onSpinWait();
            }
            read = loop.memory().readAhead(client, most);
        }
        return hearing.result(read > 0) ? loop.memory().keepAhead(null) : null;
    }

    /** Counted and told as every other connection that ends. The descriptor for its backend is for whoever comes next. */
    private void turnAway(
            SocketChannel client, InetSocketAddress address, CloseReason why, Party by, @Nullable Throwable cause) {
        counters().add(LoopCounters.ACCEPTED, 1);
        counters().closed(why);
        SocketSettings.reset(client);
        try {
            tell(address, why, by, cause);
        } catch (Throwable exhausted) {
            loop.failure("an event", exhausted);
        }
        // Last of all: who is woken by it is not to find more of us than there may be.
        context.gate.leave();
    }

    private void tell(InetSocketAddress address, CloseReason why, Party by, @Nullable Throwable cause) {
        if (context.guests.areListening() || context.log.isDebugEnabled()) {
            ConnectionStory story = new ConnectionStory(loop, acceptor, address);
            story.accepted();
            story.blame(why, by, ConnectionPhase.ARRIVING, cause);
            story.closed(0, 0, 0);
        }
    }

    private LoopCounters counters() {
        return acceptor.frontend().counters();
    }
}
