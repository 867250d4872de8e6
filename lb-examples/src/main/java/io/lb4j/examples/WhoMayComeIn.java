package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.event.CloseReason;
import io.lb4j.proxy.Frontend;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A port that strangers find. Rules say which addresses may come in; limits, how many connections one client may have, how
 * often he may connect, and how many bytes may pass; and the accept rate, how fast all of them together. Rules can also be in a
 * file that somebody else writes, and change while connections go on: whoever is connected stays.
 */
public final class WhoMayComeIn {
    private WhoMayComeIn() {}

    public static void main(String[] args) throws Exception {
        run(System.out);
    }

    static void run(PrintStream out) throws IOException {
        Path rules = Files.createTempFile("access", ".txt");
        // The first rule that fits decides. Without the last line, whoever no rule is about would come in.
        Files.writeString(rules, "deny 127.0.0.66\nallow 127.0.0.0/8\notherwise deny\n");
        try (EmbeddedBackend backend = EmbeddedBackend.start();
                LoadBalancer lb = LoadBalancer.builder()
                        .listen("127.0.0.1", 0, frontend -> frontend.name("public")
                                .accessFile(rules)
                                .clientLimits(limits -> limits.maxConnections(2)
                                        .connectRate(100, Duration.ofSeconds(1))
                                        .bandwidth(all -> all.toClient(50_000_000)) // bytes a second of one client
                                        .exempt("127.0.0.7")) // whoever checks it
                                .acceptRate(2_000)
                                .bandwidth(
                                        each -> each.toClient(10_000_000).toBackend(1_000_000))) // of each connection
                        .backend("127.0.0.1", backend.port())
                        .start()) {
            Frontend frontend = lb.frontend("public");
            out.println("127.0.0.1 is " + fateOf("127.0.0.1", lb.port()));
            out.println("127.0.0.66 is " + fateOf("127.0.0.66", lb.port()));
            try (Socket first = connect("127.0.0.2", lb.port());
                    Socket second = connect("127.0.0.2", lb.port())) {
                out.println("127.0.0.2 is " + fateOf(first) + " and " + fateOf(second) + ", and then "
                        + fateOf("127.0.0.2", lb.port()));
                frontend.reconfigure(
                        change -> change.access(all -> all.deny("127.0.0.2")).noClientLimits());
                out.println("127.0.0.2, who is in, is " + fateOf(first) + ", and once more is "
                        + fateOf("127.0.0.2", lb.port()));
            }
            out.println("Reset: " + frontend.stats().closed(CloseReason.ACCESS_DENIED) + " by rules, "
                    + frontend.stats().closed(CloseReason.CLIENT_LIMIT) + " by limits");
        } finally {
            Files.delete(rules);
        }
    }

    private static String fateOf(String from, int port) {
        try (Socket socket = connect(from, port)) {
            return fateOf(socket);
        } catch (IOException reset) {
            return "reset";
        }
    }

    private static String fateOf(Socket socket) {
        try {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read(new byte[4096]) > 0 ? "served" : "reset";
        } catch (IOException reset) {
            return "reset";
        }
    }

    private static Socket connect(String from, int port) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        return socket;
    }
}
