package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.Chunk;
import io.lb4j.internal.relay.ConnectionState;
import io.lb4j.internal.relay.Endpoint;
import io.lb4j.internal.relay.Phase;
import io.lb4j.internal.tls.TlsEndpoint;
import io.lb4j.internal.util.Closing;
import io.lb4j.preface.ClientHello;
import io.lb4j.preface.Parsed;
import io.lb4j.preface.ProxyHeader;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a client has to say before a backend is chosen for him, one thing after another: by whom he was sent, if a proxy is to
 * say so, and then what his frontend waits for. What he says is kept, and goes to the backend but for a proxy's header. For each
 * of them there is a time, which no byte makes longer. Confined to the connection's loop.
 */
final class Arrival implements Phase {
    private enum Awaited {
        HEADER,
        FIRST_BYTE,
        HELLO,
        /** Nothing more. */
        NOTHING
    }

    private final ProxyConnection connection;
    private final EventLoop loop;
    private final Endpoint client;
    private final Arrivals arrivals;
    private Awaited awaited = Awaited.NOTHING;
    private long deadline;

    /** What was heard and is not of a header; null when that is nothing. */
    private @Nullable Chunk inHand;

    /** The descriptor for the backend, which was in hand when the client was accepted. */
    private @Nullable SocketChannel reserved;

    /** Where TLS is spoken, from a whole hello on. */
    private @Nullable ClientHandshake handshake;

    private boolean hasEnded;

    /** Owns what it is handed when it is made. */
    Arrival(
            ProxyConnection connection,
            Endpoint client,
            Arrivals arrivals,
            SocketChannel reserved,
            @Nullable Chunk inHand) {
        this.connection = connection;
        this.loop = connection.loop();
        this.client = client;
        this.arrivals = arrivals;
        this.reserved = reserved;
        this.inHand = inHand;
    }

    @Override
    public void begin() throws IOException {
        if (arrivals.isHeaderDue(connection.story().peerAddress().getAddress())) {
            await(Awaited.HEADER);
        } else {
            known();
        }
        goOn();
    }

    /** It is known who the client is. */
    private void known() {
        connection.story().accepted();
        switch (arrivals.connectWhen()) {
            case ACCEPTED -> await(Awaited.NOTHING);
            case FIRST_BYTE -> await(Awaited.FIRST_BYTE);
            case CLIENT_HELLO, CLIENT_HELLO_OR_SILENCE -> await(Awaited.HELLO);
        }
    }

    private void await(Awaited next) {
        awaited = next;
        deadline = loop.now() + connection.limits().prefaceTimeout();
    }

    /** The client's socket is ready: there is no other one. */
    @Override
    public void ready(Endpoint endpoint, int readyOps) throws IOException {
        if (handshake == null) {
            readAhead();
        } else {
            goOn();
        }
    }

    private void readAhead() throws IOException {
        int held = inHand == null ? 0 : inHand.size();
        int allowance = loop.memory().allowanceAhead(connection.entrance().mostAhead(), held);
        if (allowance <= 0) {
            IOException full = new IOException("all connections together hold as many bytes as they may");
            loop.context().shortage("cannot hear what a client says first:", full);
            connection.abort(CloseReason.LOCAL_SHORTAGE, full);
            return;
        }
        int read;
        try {
            read = client.readAhead(allowance);
        } catch (IOException reset) {
            connection.abort(CloseReason.CLIENT_RESET, reset);
            return;
        }
        if (read > 0) {
            inHand = loop.memory().keepAhead(inHand);
            goOn();
        } else if (read < 0) {
            ended();
        }
    }

    /** He says no more: who has not begun has nothing to say to anybody, but may want to hear something. */
    private void ended() throws IOException {
        if (mayWantToHear()) {
            took();
            goOn();
            return;
        }
        hasEnded = true;
        if (inHand == null) {
            connection.close(CloseReason.COMPLETED, null);
        } else {
            refuse(
                    awaited == Awaited.HEADER
                            ? "PROXY: the stream ended within the header"
                            : "TLS: the stream ended within the hello");
        }
    }

    /** Takes one thing after another, as far as it was heard. */
    private void goOn() throws IOException {
        while (handshake == null && awaited != Awaited.NOTHING && connection.state() == ConnectionState.ARRIVING) {
            if (inHand == null || !take(inHand)) {
                connection.listenToClient(SelectionKey.OP_READ);
                return;
            }
        }
        if (handshake != null && !handshake.goOn()) {
            return;
        }
        if (connection.state() == ConnectionState.ARRIVING) {
            arrived();
        }
    }

    private void arrived() throws IOException {
        BackendConnector connector = new BackendConnector(connection, reserved);
        client.hold(inHand);
        inHand = null;
        connection.arrived(connector);
        reserved = null;
        connection.listenToClient(0);
        connector.begin();
    }

    /** Returns whether what is awaited has been heard, or never will be: more of it would make no difference. */
    private boolean take(Chunk heard) throws IOException {
        return switch (awaited) {
            case HEADER -> takeHeader(ProxyHeader.parse(heard.memory(), heard.from(), heard.to()));
            case HELLO ->
                ClientHello.isHandshake(heard.memory()[heard.from()])
                        ? takeHello(ClientHello.parse(heard.memory(), heard.from(), heard.to()))
                        : tookNoHello();
            case FIRST_BYTE, NOTHING -> took();
        };
    }

    private boolean tookNoHello() {
        if (arrivals.tls() != null) {
            refuse("TLS: no hello");
        }
        return took();
    }

    private boolean took() {
        awaited = Awaited.NOTHING;
        return true;
    }

    private boolean takeHeader(Parsed<ProxyHeader> parsed) {
        if (parsed instanceof Parsed.Complete<ProxyHeader> complete) {
            skip(complete.length());
            connection.story().identified(complete.value());
            known();
            admit();
            return true;
        }
        return isInvalid(parsed);
    }

    /** Whom a proxy connects for has to be let in as if he came himself. */
    private void admit() {
        Terms terms = connection.entrance().admittance().terms();
        ClientPlace place = terms.admit(connection.story().clientAddress().getAddress(), loop.now());
        if (place.refusal() == null) {
            connection.count(place);
        } else {
            connection.refuse(place.refusal(), null);
        }
    }

    private boolean takeHello(Parsed<ClientHello> parsed) throws IOException {
        if (parsed instanceof Parsed.Complete<ClientHello> complete) {
            connection.story().hello(complete.value());
            return client instanceof TlsEndpoint endpoint ? secure(endpoint, complete.value()) : took();
        }
        return isInvalid(parsed);
    }

    /** From now on TLS is spoken. */
    private boolean secure(TlsEndpoint endpoint, ClientHello hello) throws IOException {
        ClientHandshake fresh =
                new ClientHandshake(connection, endpoint, Objects.requireNonNull(arrivals.tls()), this::goOn);
        handshake = fresh;
        if (fresh.begin(hello, inHand)) {
            inHand = null;
        } else {
            dropInHand();
        }
        return true;
    }

    private boolean isInvalid(Parsed<?> parsed) {
        if (parsed instanceof Parsed.Invalid<?> invalid) {
            refuse(invalid.reason());
            return true;
        }
        return false;
    }

    private void refuse(String what) {
        connection.refuse(CloseReason.PREFACE_INVALID, new ProtocolException(what));
    }

    /** The header is of no use any more: what the client has said begins behind it. */
    private void skip(int length) {
        Chunk heard = inHand;
        if (heard != null) {
            heard.skip(length);
            if (heard.isEmpty()) {
                dropInHand();
            }
        }
    }

    // ---- it is over, one way or the other

    @Override
    public Party firstFinished() {
        return hasEnded ? Party.CLIENT : Party.BALANCER;
    }

    @Override
    public long wakeAt() {
        return handshake == null ? deadline : handshake.deadline();
    }

    @Override
    public void expired(long now) throws IOException {
        if (now - wakeAt() < 0) {
            return;
        }
        if (handshake != null) {
            handshake.expired();
            return;
        }
        if (mayWantToHear()) {
            took();
            goOn();
        } else {
            connection.refuse(CloseReason.PREFACE_TIMEOUT, null);
        }
    }

    /** He has said nothing, and his server may be one that speaks first. */
    private boolean mayWantToHear() {
        return awaited == Awaited.HELLO
                && inHand == null
                && arrivals.connectWhen() == ConnectWhen.CLIENT_HELLO_OR_SILENCE;
    }

    @Override
    public void end() {
        dropInHand();
    }

    private void dropInHand() {
        Chunk over = inHand;
        inHand = null;
        if (over != null) {
            over.giveBack();
        }
    }

    @Override
    public void close(CloseReason why) {
        Closing.quietly(reserved);
        reserved = null;
    }

    /** It has no socket but the client's, which is the connection's. */
    @Override
    public void register(Selector fresh) {}

    /** See {@link #register}. */
    @Override
    public void moved(Selector fresh) {}
}
