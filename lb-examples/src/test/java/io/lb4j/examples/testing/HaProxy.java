package io.lb4j.examples.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A real HAProxy with one proxy, "it", over the servers of a balancer, to see the same beside it. Closing it ends it. */
public final class HaProxy implements AutoCloseable {
    private static final int SERVER = 1;
    private static final int SESSIONS = 4;
    private static final int STATUS = 17;

    private final ServerProgram program;
    private final Path socket;

    private HaProxy(ServerProgram program, Path socket) {
        this.program = program;
        this.socket = socket;
    }

    /**
     * Starts one; skips the test where there is no HAProxy.
     *
     * @param lines of the proxy, in the words of HAProxy's configuration manual
     */
    public static HaProxy start(Path folder, String... lines) {
        String haproxy = ServerProgram.require("haproxy", "/usr/sbin");
        Path socket = folder.resolve("haproxy.socket");
        ServerProgram program = ServerProgram.start(
                folder.resolve("haproxy.log"),
                output -> !ask(socket, "show info").isEmpty(),
                port -> {
                    Path config = ServerProgram.write(
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
                            """.formatted(socket, port, String.join("\n  ", lines)));
                    return List.of(haproxy, "-db", "-f", config.toString());
                });
        return new HaProxy(program, socket);
    }

    /**
     * One over a primary, "old", and its reserve, that knows which of them is the primary. Whoever took over keeps all, as
     * with {@code STAY}: a table of one entry, as HAProxy's blog has it in "Emulating active/passive application
     * clustering". With room for a second one: with {@code size 1} HAProxy 2.6 cannot change the entry, and everybody is
     * back on the old one.
     */
    public static HaProxy overPrimary(
            Path folder, Duration checkEvery, int old, RoleEndpoint oldRole, int reserve, RoleEndpoint reserveRole) {
        String check = " check inter " + checkEvery.toMillis() + "ms fall 2 rise 1 on-marked-down shutdown-sessions";
        HaProxy haproxy = start(
                folder,
                // A server that refuses is tried again after a second, three times over, and somebody waits meanwhile.
                "retries 0",
                "option httpchk GET /primary",
                "http-check expect status 200",
                "stick-table type ip size 2 nopurge",
                "stick on dst",
                "server old 127.0.0.1:" + old + " port " + oldRole.port() + check,
                "server reserve 127.0.0.1:" + reserve + " port " + reserveRole.port() + check + " backup");
        haproxy.awaitStatus("reserve", "DOWN");
        return haproxy;
    }

    public int port() {
        return program.port();
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
        program.end("TERM");
    }
}
