package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.internal.epoll.NativeTransport;
import io.lb4j.testing.Background;
import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.SystemCalls;
import io.lb4j.testing.child.CountedProgram;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How many system calls a connection costs, which is the same on every machine. What a loop does for all that is ready at
 * a time, however much that is, is left out: waiting, and waking another thread.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(180)
class SystemCallsTest {
    private static final Set<String> OF_A_TURN = Set.of("epoll_wait", "epoll_pwait", "futex");
    private static final int WARM_UP = 200;
    private static final int CONNECTIONS = 500;
    private static final int REQUESTS = 2000;
    private static final int BYTES = 100;

    enum Bound {
        JDK(30, List.of()),
        NATIVE(16, List.of("--enable-native-access=ALL-UNNAMED"));

        final double callsOfAConnection;
        final List<String> options;

        Bound(double callsOfAConnection, List<String> options) {
            this.callsOfAConnection = callsOfAConnection;
            this.options = options;
        }
    }

    @RegisterExtension
    final Resources resources = new Resources();

    private final ServerSocket backend = resources.add(onAPortOfItsOwn());

    /** One that no outgoing connection has, as a server's is: for others the balancer looks whether it has met itself. */
    private static ServerSocket onAPortOfItsOwn() {
        while (true) {
            try {
                int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
                return new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            } catch (BindException taken) {
                // The next one, then.
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void serve() throws IOException {
        while (!backend.isClosed()) {
            Socket socket = backend.accept();
            Background.run(() -> echo(socket));
        }
    }

    private static void echo(Socket socket) throws IOException {
        try (socket) {
            InputStream in = socket.getInputStream();
            byte[] bytes = new byte[BYTES];
            while (in.readNBytes(bytes, 0, BYTES) == BYTES) {
                socket.getOutputStream().write(bytes);
            }
        }
    }

    /** Of the transports that there are. */
    static Stream<Bound> bounds() {
        return NativeTransport.find().sockets() == null ? Stream.of(Bound.JDK) : Stream.of(Bound.values());
    }

    private ChildJvm start(Bound bound) {
        Background.run(this::serve);
        ChildJvm.Settings settings = ChildJvm.running(CountedProgram.class).withoutTransport();
        bound.options.forEach(settings::option);
        return resources.add(settings.start(bound, backend.getLocalPort()));
    }

    private static void connection(int port) {
        try (Peer client = Peer.connect(port)) {
            ask(client);
            client.fin().receiveToEnd();
        }
    }

    private static void ask(Peer client) {
        client.send(new byte[BYTES]).receive(BYTES);
    }

    private static double perUnit(Map<String, Integer> calls, int units) {
        return calls.entrySet().stream()
                        .filter(call -> !OF_A_TURN.contains(call.getKey()))
                        .mapToInt(Map.Entry::getValue)
                        .sum()
                / (double) units;
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void shortConnection_costsNoMoreCallsThanThat(Bound bound) {
        ChildJvm child = start(bound);
        int port = Integer.parseInt(child.line());
        times(WARM_UP, () -> connection(port));
        Map<String, Integer> calls =
                SystemCalls.of(child.pid(), "-io-0", () -> times(CONNECTIONS, () -> connection(port)));
        assertThat(perUnit(calls, CONNECTIONS)).as(calls.toString()).isLessThanOrEqualTo(bound.callsOfAConnection);
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void keptRequest_costsFour(Bound bound) {
        ChildJvm child = start(bound);
        try (Peer client = Peer.connect(Integer.parseInt(child.line()))) {
            times(WARM_UP, () -> ask(client));
            Map<String, Integer> calls = SystemCalls.of(child.pid(), "-io-0", () -> times(REQUESTS, () -> ask(client)));
            assertThat(perUnit(calls, REQUESTS)).as(calls.toString()).isLessThanOrEqualTo(4.1);
        }
    }

    private static void times(int count, Runnable what) {
        for (int i = 0; i < count; i++) {
            what.run();
        }
    }
}
