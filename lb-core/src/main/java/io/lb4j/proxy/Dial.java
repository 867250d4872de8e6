package io.lb4j.proxy;

import io.lb4j.internal.loop.LoopSelector;
import io.lb4j.internal.loop.SocketSettings;
import io.lb4j.internal.relay.Endpoint;
import io.lb4j.internal.relay.Relayed;
import io.lb4j.internal.tls.TlsEndpoint;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.Closing;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One attempt: dials the addresses of one backend until one of them answers. Confined to its connection's loop. */
final class Dial {
    /*
     * The addresses are dialled in their order. One that fails has the next one dialled at once; one that is silent has
     * it dialled besides after a while, and the first to answer wins (RFC 8305, "Happy Eyeballs", section 5). An address
     * that has answered once is the first one for those who come later (Addresses).
     */
    /** RFC 8305, section 8: the recommended Connection Attempt Delay. */
    static final long NEXT_AFTER = TimeUnit.MILLISECONDS.toNanos(250);

    /** When no descriptor is left, it is tried again after this. */
    private static final long RETRY_AFTER = TimeUnit.MILLISECONDS.toNanos(5);

    private final ProxyConnection connection;
    private final EventLoop loop;
    private final ProxyContext context;
    private final Addresses addresses;
    private final Route route;
    private final int port;
    private final Relayed.Step whenReckoned;
    private final int first;

    /** The descriptor that was in hand when the client was accepted; used by the first one that is dialled. */
    private @Nullable SocketChannel reserved;

    private int next;
    private long nextAt;

    /** Dialled and not answered yet: the latest, and those before it. */
    private @Nullable Endpoint latest;

    private List<Endpoint> earlier = List.of();

    /** With the one that is connected, where TLS is spoken. */
    private @Nullable Handshake handshake;

    private boolean waitsForDescriptor;
    private boolean onlyShortages = true;
    private @Nullable Throwable failure;

    /** @param whenReckoned is to {@link #goOn} */
    Dial(ProxyConnection connection, Addresses addresses, Route route, Relayed.Step whenReckoned) {
        this.connection = connection;
        this.loop = connection.loop();
        this.context = loop.context();
        this.addresses = addresses;
        this.route = route;
        this.whenReckoned = whenReckoned;
        port = route.backend().port();
        first = addresses.first();
        nextAt = loop.now();
    }

    /** Owns this descriptor from now on. */
    void use(@Nullable SocketChannel inHand) {
        reserved = inHand;
    }

    /** Dials what is due. Returns the one that is connected, and through with its handshake; null when there is none yet. */
    @Nullable
    Endpoint goOn() throws IOException {
        if (handshake != null) {
            return shake(handshake);
        }
        while (next < addresses.size() && (latest == null || loop.now() - nextAt >= 0)) {
            InetAddress target = addresses.get(next, first);
            nextAt = loop.now() + NEXT_AFTER;
            SocketChannel channel = open(target);
            if (channel == null) {
                // Others may still answer; if there are none, it is tried again soon.
                waitsForDescriptor = latest == null;
                return null;
            }
            waitsForDescriptor = false;
            next++;
            Endpoint connected = connect(channel, target);
            if (connected != null) {
                return secured(connected);
            }
        }
        return null;
    }

    /** It is connected. Returns it if it is ready to use. */
    private @Nullable Endpoint secured(Endpoint connected) throws IOException {
        if (!(connected instanceof TlsEndpoint endpoint)) {
            return connected;
        }
        won(connected);
        Preamble.secure(route, connection, endpoint);
        Handshake fresh = new Handshake(connection, endpoint, whenReckoned);
        handshake = fresh;
        return shake(fresh);
    }

    /** What fails in it fails the attempt: nothing of the client was sent to anybody. */
    private @Nullable Endpoint shake(Handshake current) {
        try {
            return current.goOn() ? current.endpoint() : null;
        } catch (IOException refused) {
            drop(current.endpoint());
            failed(inHandshake(refused), false);
            return null;
        }
    }

    /** Who hangs up in the middle of it has refused it, too: his alert may be lost by that. */
    private static SSLException inHandshake(IOException refused) {
        return refused instanceof SSLException failure
                ? failure
                : new SSLException("within the TLS handshake: " + refused.getMessage(), refused);
    }

    /** Returns null, and says so, for want of a descriptor. */
    private @Nullable SocketChannel open(InetAddress target) throws IOException {
        ProtocolFamily family =
                target instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        SocketChannel inHand = reserved;
        reserved = null;
        if (inHand != null && family.equals(context.reserveFamily)) {
            return inHand;
        }
        Closing.quietly(inHand);
        try {
            return context.platform.sockets().openSocketChannel(family);
        } catch (UnsupportedOperationException noSuchFamily) {
            // Where there is no IPv6, a socket for IPv4 says better what is wrong with the address.
            return context.platform.sockets().openSocketChannel(context.reserveFamily);
        } catch (IOException | OutOfMemoryError shortage) {
            context.shortage("cannot open a connection to a backend:", shortage);
            failed(shortage, true);
            return null;
        }
    }

    private @Nullable Endpoint connect(SocketChannel channel, InetAddress target) throws IOException {
        Endpoint dialled = keep(channel);
        try {
            if (context.isListener(addresses, target, port)) {
                throw new SocketException("it is the balancer's own listener");
            }
            SocketSettings.tune(channel);
            // On one machine the handshake is over when connect returns, although it says otherwise.
            if (channel.connect(new InetSocketAddress(target, port))
                    || (target.isLoopbackAddress() && dialled.finishConnect())) {
                return dialled;
            }
            dialled.interest(loop.selector(), SelectionKey.OP_CONNECT);
        } catch (IOException | RuntimeException refused) {
            drop(dialled);
            // EADDRNOTAVAIL and its like: this machine has no port left, or forbids the route. No backend is to blame.
            failed(refused, refused instanceof BindException);
        }
        return null;
    }

    /** From here on the channel is closed whatever happens. */
    private Endpoint keep(SocketChannel channel) {
        try {
            boolean isSecure = route.backend().tls().isPresent();
            Endpoint dialled = isSecure ? new TlsEndpoint(connection, channel) : new Endpoint(connection, channel);
            if (latest != null) {
                earlier = earlier.isEmpty() ? new ArrayList<>(addresses.size()) : earlier;
                earlier.add(latest);
            }
            latest = dialled;
            return dialled;
        } catch (Throwable exhausted) {
            Closing.quietly(channel);
            throw exhausted;
        }
    }

    /** One of the sockets is ready. Returns it when it is ready to use. */
    @Nullable
    Endpoint connectable(Endpoint ready) throws IOException {
        if (ready != latest && !earlier.contains(ready)) {
            return null;
        }
        if (handshake != null) {
            return shake(handshake);
        }
        try {
            return ready.finishConnect() ? secured(ready) : null;
        } catch (IOException refused) {
            drop(ready);
            failed(refused, false);
            nextAt = loop.now();
            return goOn();
        }
    }

    private void failed(Throwable why, boolean shortage) {
        // What a backend did says more than what this machine lacked.
        if (failure == null || onlyShortages || !shortage) {
            failure = why;
        }
        onlyShortages &= shortage;
    }

    /** @param current how far it has come; null for not even to an address */
    static SocketTimeoutException timedOut(Route tried, @Nullable Dial current) {
        String what = current != null && current.handshake != null ? "TLS handshake with " : "connect to ";
        return new SocketTimeoutException(what + tried.backend().hostAndPort() + " timed out");
    }

    /** Whether it waits for what this machine has to reckon. */
    boolean isReckoning() {
        return handshake != null && handshake.isReckoning();
    }

    /** Whether no address is left that may still answer. */
    boolean isOver() {
        return latest == null && earlier.isEmpty() && next == addresses.size();
    }

    /** Why no address has answered so far; null when none has failed. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Whether nothing has failed but for want of something on this machine. */
    boolean failedForShortage() {
        return failure != null && onlyShortages && latest == null && earlier.isEmpty();
    }

    /** When {@link #goOn} has something to do, if that is before {@code otherwise}. */
    long wakeAt(long otherwise) {
        if (next == addresses.size()) {
            return otherwise;
        }
        long at = waitsForDescriptor ? loop.now() + RETRY_AFTER : nextAt;
        return at - otherwise < 0 ? at : otherwise;
    }

    /** This one is connected, and the first for those who come later; the others are closed. */
    void won(Endpoint connected) {
        for (int i = 0; i < earlier.size(); i++) {
            closeIfOther(earlier.get(i), connected);
        }
        if (latest != null) {
            closeIfOther(latest, connected);
        }
        latest = connected;
        earlier = List.of();
        next = addresses.size();
        Closing.quietly(reserved);
        reserved = null;
        connected.answeredAt(addresses);
    }

    private static void closeIfOther(Endpoint one, Endpoint connected) {
        if (one != connected) {
            one.cancel();
            one.close();
        }
    }

    private void drop(Endpoint over) {
        forget(over);
        over.cancel();
        over.close();
    }

    private void forget(Endpoint over) {
        if (over == latest) {
            latest = earlier.isEmpty() ? null : earlier.remove(earlier.size() - 1);
        } else {
            earlier.remove(over);
        }
    }

    /** Takes the sockets out of the selector; {@link #close} is to follow. */
    void cancelKeys() {
        if (latest != null) {
            latest.cancel();
        }
        for (int i = 0; i < earlier.size(); i++) {
            earlier.get(i).cancel();
        }
    }

    void close() {
        cancelKeys();
        Endpoint over = latest;
        latest = null;
        if (over != null) {
            over.close();
        }
        for (int i = 0; i < earlier.size(); i++) {
            earlier.get(i).close();
        }
        earlier = List.of();
        Closing.quietly(reserved);
        reserved = null;
    }

    /** See {@link LoopSelector.Tenants}. */
    void register(Selector fresh) throws IOException {
        if (latest != null) {
            latest.register(fresh);
        }
        for (int i = 0; i < earlier.size(); i++) {
            earlier.get(i).register(fresh);
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void moved(Selector fresh) {
        if (latest != null) {
            latest.moved(fresh);
        }
        for (int i = 0; i < earlier.size(); i++) {
            earlier.get(i).moved(fresh);
        }
    }
}
