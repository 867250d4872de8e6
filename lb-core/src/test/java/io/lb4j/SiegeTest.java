package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.Background;
import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.ProcessView;
import io.lb4j.testing.Resources;
import io.lb4j.testing.child.BesiegedProgram;
import io.lb4j.testing.child.EchoProgram;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A balancer of few descriptors in a process of its own, whose backends are killed one after another, and whose clients reset,
 * leave, or send more than is taken at once. {@code -Dsiege.connections=N} makes more of it. What is checked: no byte that
 * a client gets is wrong, nothing of the engine fails, and in the end nothing is left open.
 */
class SiegeTest {
    private static final long CONNECTIONS = Long.getLong("siege.connections", 4000);
    private static final int CLIENTS = 24;

    /** Two for each connection, and the JVM's own: not enough for all clients at a time. */
    private static final int DESCRIPTORS = 75;

    private static final byte[] BYTES = new byte[4 << 20];

    static {
        new Random(4711).nextBytes(BYTES);
    }

    @RegisterExtension
    final Resources resources = new Resources();

    private final AtomicLong left = new AtomicLong(CONNECTIONS);
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong cut = new AtomicLong();
    private final AtomicLong killed = new AtomicLong();
    private volatile boolean isOver;

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void balancer_whoseBackendsAreKilled_andWhoseClientsReset_passesNoWrongByte_andLosesNothing() throws Exception {
        long seed = new Random().nextLong();
        List<Integer> ports = List.of(freePort(), freePort(), freePort());
        ChildJvm balancer = resources.add(
                ChildJvm.running(BesiegedProgram.class).descriptors(DESCRIPTORS).start(ports.toArray()));
        int port = Integer.parseInt(balancer.line());
        CompletableFuture<Void> killing = Background.run(() -> kill(ports, new Random(seed)));
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(seed + i);
            clients.add(Background.run(() -> besiege(port, random)));
        }
        try {
            for (CompletableFuture<Void> client : clients) {
                client.join();
            }
        } finally {
            isOver = true;
            killing.join();
        }
        String story =
                "seed " + seed + ": " + answered + " answered, " + cut + " cut off, " + killed + " backends killed";
        System.out.println(story + ", descriptors in the end " + new ProcessView(balancer.pid()).descriptors());
        assertThat(answered.get()).as(story).isGreaterThan(CONNECTIONS / 10);
        await().untilAsserted(() -> assertThat(balancer.ask("active")).isEqualTo("0"));
        assertThat(balancer.ask("errors")).as(story).isEqualTo("0");
        assertThat(Long.parseLong(balancer.ask("ended"))).as(story).isGreaterThan(CONNECTIONS / 2);
        // A listening socket for each of two loops, one that each may have in reserve, and the one that the JDK keeps
        // from its first closed socket on.
        await().untilAsserted(() -> assertThat(new ProcessView(balancer.pid()).descriptors())
                .as(story)
                .hasEntrySatisfying("socket", sockets -> assertThat(sockets).isLessThanOrEqualTo(2 + 2 + 1))
                .containsEntry("pipe", 3));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    // ---- backends

    private void kill(List<Integer> ports, Random random) {
        List<ChildJvm> backends = new ArrayList<>();
        ports.forEach(port -> backends.add(listening(port)));
        do {
            Background.pause(random.nextInt(600));
            int victim = random.nextInt(ports.size());
            backends.get(victim).close();
            killed.incrementAndGet();
            backends.set(victim, listening(ports.get(victim)));
        } while (!isOver);
        backends.forEach(ChildJvm::close);
    }

    private static ChildJvm listening(int port) {
        ChildJvm backend = ChildJvm.running(EchoProgram.class).start(port);
        backend.line();
        return backend;
    }

    // ---- clients

    private void besiege(int port, Random random) {
        while (left.getAndDecrement() > 0) {
            int size = random.nextInt(10) == 0 ? random.nextInt(600_000) : random.nextInt(5_000);
            int from = random.nextInt(BYTES.length - size);
            int manners = random.nextInt(10);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(20_000);
                if (manners == 0) {
                    socket.setSoLinger(true, 0);
                    continue;
                }
                talk(socket, from, size, manners == 1);
            } catch (IOException reset) {
                cut.incrementAndGet();
            }
        }
    }

    private void talk(Socket socket, int from, int size, boolean resets) throws IOException {
        CompletableFuture<Void> sending = size < 50_000 ? null : Background.run(() -> send(socket, from, size));
        if (sending == null) {
            send(socket, from, size);
        }
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[64 * 1024];
        int received = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            int at = from + received;
            received += read;
            assertThat(received).isLessThanOrEqualTo(size);
            assertThat(Arrays.mismatch(BYTES, at, at + read, buffer, 0, read)).isEqualTo(-1);
            if (resets && received > size / 2) {
                socket.setSoLinger(true, 0);
                return;
            }
        }
        (received == size ? answered : cut).incrementAndGet();
    }

    private static void send(Socket socket, int from, int size) throws IOException {
        socket.getOutputStream().write(BYTES, from, size);
        socket.shutdownOutput();
    }
}
