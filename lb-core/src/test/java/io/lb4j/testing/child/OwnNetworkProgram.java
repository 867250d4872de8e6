package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A balancer, a backend and a client in a network of their own, where packets to and from the client's or the backend's
 * address can be thrown away without anybody being told, and ports run out. The argument says what happens; what comes
 * of it is printed: why the connection ended and, of a machine that vanishes, how the other side saw it end, who is to
 * blame, and after how many milliseconds.
 */
public final class OwnNetworkProgram {
    private static final String CLIENT = "127.0.0.2";
    private static final String BACKEND = "127.0.0.3";

    private static final List<Socket> OPEN = new ArrayList<>();

    private OwnNetworkProgram() {}

    public static void main(String[] arguments) throws Exception {
        CompletableFuture<ConnectionSummary> closed = new CompletableFuture<>();
        Program.run("ip", "link", "set", "lo", "up");
        String vanishing = arguments[0].startsWith("backend-") ? BACKEND : CLIENT;
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByName(BACKEND));
                LoadBalancer lb = LoadBalancer.builder()
                        .listen("127.0.0.1", 0)
                        .backend(BACKEND, listener.getLocalPort())
                        .noHealthCheck()
                        .timeouts(timeouts -> timeouts.idle(Duration.ofSeconds(arguments[0].equals("silent") ? 1 : 60))
                                .stall(Duration.ofSeconds(1)))
                        .listener(new LoadBalancerListener() {
                            @Override
                            public void connectionClosed(ConnectionSummary summary) {
                                closed.complete(summary);
                            }
                        })
                        .start()) {
            // Ends with the process.
            Socket client = new Socket(InetAddress.getByName("127.0.0.1"), lb.port(), InetAddress.getByName(CLIENT), 0);
            Peer asking = Peer.of(client);
            Peer accepted = Peer.of(listener.accept());
            asking.send("x");
            accepted.receive(1);
            accepted.send("y");
            asking.receive(1);
            Program.run("ip", "route", "add", "blackhole", vanishing, "table", "local");
            long began = System.nanoTime();
            switch (arguments[0]) {
                case "silent" -> {}
                case "stalled" -> {
                    sendUntilReset(accepted, closed, began);
                    return;
                }
                case "backend-stalled" -> {
                    sendUntilReset(asking, closed, began);
                    return;
                }
                case "unacknowledged" -> accepted.send(new byte[100]);
                case "backend-unacknowledged" -> asking.send(new byte[100]);
                case "power-loss" -> {
                    // The reset is lost as well: from here on nobody knows the connection there.
                    client.setSoLinger(true, 0);
                    client.close();
                    Program.run("ip", "route", "del", "blackhole", CLIENT, "table", "local");
                    accepted.send("z");
                }
                case "no-port" -> {
                    takeEveryPort(listener.getLocalPort());
                    connectFrom(39_999, "127.0.0.1", lb.port());
                    ConnectionSummary summary = closed.get(20, TimeUnit.SECONDS);
                    System.out.println(summary.reason() + " " + summary.terminationCode() + " " + summary.cause());
                    return;
                }
                default -> throw new IllegalArgumentException(arguments[0]);
            }
            Peer left = vanishing.equals(CLIENT) ? accepted : asking;
            print(closed, left.receiveToEnd().end().toString(), began);
        }
    }

    /** The reset shows here: whoever writes is told, and only the first who asks. */
    private static void sendUntilReset(Peer left, CompletableFuture<ConnectionSummary> closed, long began)
            throws Exception {
        boolean sent = left.sendInBackground(64 << 20, 1)
                .handle((done, failure) -> failure == null)
                .get(20, TimeUnit.SECONDS);
        print(closed, sent ? "SENT" : "RESET", began);
    }

    /** Leaves no port that a connection to the backend could come from. */
    private static void takeEveryPort(int backend) throws Exception {
        Files.writeString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"), "40000 40001");
        for (int port = 40_000; port <= 40_001; port++) {
            connectFrom(port, BACKEND, backend);
        }
    }

    /** Stays open until the process ends. */
    private static void connectFrom(int port, String address, int to) throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        OPEN.add(new Socket(InetAddress.getByName(address), to, loopback, port));
    }

    private static void print(CompletableFuture<ConnectionSummary> closed, String end, long began) throws Exception {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        ConnectionSummary summary = closed.get(20, TimeUnit.SECONDS);
        System.out.println(summary.reason() + " " + end + " " + summary.endedBy() + " " + millis);
    }
}
