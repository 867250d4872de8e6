package io.lb4j.examples.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A real HAProxy with one proxy, "it", over the servers of a balancer, to see the same beside it. Closing it ends it. */
public final class HaProxyBeside implements AutoCloseable {
    private static final int SERVER = 1;
    private static final int SESSIONS = 4;
    private static final int STATUS = 17;

    private final RealServer process;
    private final Path socket;

    private HaProxyBeside(RealServer process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    /**
     * Starts one that knows how all its servers are; skips the test where there is no HAProxy.
     *
     * @param lines of the proxy, in the words of HAProxy's configuration manual
     */
    public static HaProxyBeside start(Path folder, String... lines) {
        Path socket = folder.resolve("haproxy.socket");
        RealServer process = RealServer.start(
                "haproxy", folder, log -> !ask(socket, "show info").isEmpty(), port -> {
                    Path config = Files.writeString(
                            folder.resolve("haproxy.cfg"), """
                    global
                        noreuseport
                        stats socket %s level admin
                    defaults
                        mode tcp
                        timeout connect 1s
                        timeout check 1s
                        timeout client 10m
                        timeout server 10m
                    listen it
                        bind 127.0.0.1:%d
                        %s
                    """.formatted(socket, port, String.join("\n    ", lines)));
                    return List.of("-db", "-f", config.toString());
                });
        return new HaProxyBeside(process, socket);
    }

    public int port() {
        return process.port();
    }

    public void awaitStatus(String server, String status) {
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(30))
                .until(() -> column(server, STATUS).equals(status));
    }

    /** How many sessions this server has now. */
    public int sessions(String server) {
        return Integer.parseInt(column(server, SESSIONS));
    }

    private String column(String server, int column) {
        return command("show stat")
                .lines()
                .map(line -> line.split(",", -1))
                .filter(line -> line.length > STATUS && line[SERVER].equals(server))
                .map(line -> line[column])
                .findFirst()
                .orElse("");
    }

    /** Gives it a command of its management guide ("Unix Socket commands"); returns the answer, or nothing if there is none. */
    public String command(String command) {
        return ask(socket, command);
    }

    private static String ask(Path socket, String command) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(StandardCharsets.UTF_8.encode(command + "\n"));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException notYetOrNoMore) {
            return "";
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
