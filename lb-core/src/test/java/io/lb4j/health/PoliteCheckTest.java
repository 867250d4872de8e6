package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.Exim;
import io.lb4j.testing.MariaDb;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Postgres;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What real servers log and count of checks that speak their protocol. Skipped where a program is missing. */
@Timeout(120)
class PoliteCheckTest {
    private static final int CHECKS = 25;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    private Path directory;

    @Test
    void postgres_thatAsksForAPasswordOrTrusts_logsNothingAndCountsNoneAsFailed() throws IOException {
        Postgres postgres = Postgres.in(directory);
        Files.writeString(postgres.data().resolve("pg_hba.conf"), """
                local all all trust
                host all trusted 127.0.0.1/32 trust
                host all lb4j 127.0.0.1/32 scram-sha-256
                """);
        Program.Server server = resources.add(postgres.start("ready to accept connections"));
        postgres.query(server, "create role trusted login");
        String before = server.program().output();

        check(HealthChecker.postgres(), server.port());
        check(HealthChecker.postgres().user("trusted"), server.port());
        // One that is seen, to wait for: whatever the checks left would stand before it. It passes all the same.
        Checking.passes(HealthChecker.postgres().user("seen"), server.port());

        awaitLines(() -> logged(server, before), "no pg_hba.conf entry", 1);
        assertThat(logged(server, before)).hasSize(1);
        assertThat(
                        postgres.query(
                                server,
                                "select sum(sessions_abandoned) + sum(sessions_fatal) + sum(sessions_killed) from pg_stat_database"))
                .isEqualTo("0");
        server.close();
        checkWhileItRecovers(postgres);
    }

    /** A standby that does not serve reads never gets further than this: like one that starts, for as long as it takes. */
    private void checkWhileItRecovers(Postgres postgres) throws IOException {
        Files.writeString(postgres.data().resolve("standby.signal"), "");
        Program.Server server = resources.add(postgres.start("entering standby mode", "hot_standby=off"));

        await().atMost(PATIENCE)
                .untilAsserted(() -> Checking.fails(
                        HealthChecker.postgres(),
                        server.port(),
                        "error 57P03: \"the database system is not accepting connections\""));

        Program isReady = resources.add(
                Program.start(Postgres.program("pg_isready"), "-h", "127.0.0.1", "-p", "" + server.port()));
        await().atMost(PATIENCE).until(() -> isReady.output().contains("rejecting connections"));
    }

    @Test
    void mariadb_checkedMoreOftenThanItForgives_logsNothingAndCountsNoneAsFailed() {
        MariaDb server = resources.add(
                MariaDb.start(directory, "--max-connect-errors=3", "--log-warnings=9", "--max-connections=10"));
        server.query("create user lbcheck@'127.0.0.1'");
        String before = server.log();

        check(HealthChecker.mysql("lbcheck"), server.port());

        assertThat(server.query("show global status where variable_name in"
                                + " ('Aborted_connects', 'Aborted_connects_preauth', 'Aborted_clients',"
                                + " 'Access_denied_errors')")
                        .lines())
                .hasSize(4)
                .allMatch(line -> line.endsWith("\t0"));
        // One that is seen, to wait for: whatever the checks left would stand before it.
        Checking.fails(
                HealthChecker.mysql("nobody"),
                server.port(),
                "error 1045: \"Access denied for user 'nobody'@'localhost' (using password:...\"");
        awaitLines(() -> since(server.log(), before), "Access denied", 1);
        assertThat(since(server.log(), before)).hasSize(1);
        fill(server);
        Checking.fails(HealthChecker.mysql("lbcheck"), server.port(), "error 1040: \"Too many connections\"");
    }

    /** One place more than it has is kept for its administrator. */
    private void fill(MariaDb server) {
        for (int i = 0; i < 11; i++) {
            resources.add(Peer.connect(server.port())).receive(5);
        }
    }

    /** E15: it greets late when there is a file, and whoever talks before that is turned away. */
    @Test
    void e15_exim_logsEachDialogueAsAConnectionThatQuit() throws IOException {
        Exim server = resources.add(Exim.start(directory, """
                warn condition = ${if exists{%s/late}}
                     delay = 1s
                accept
                """.formatted(directory)));
        HealthChecker dialogue = HealthChecker.dialogue(smtp -> smtp.expect("220")
                .send("EHLO lb\r\n")
                .expect("250 ")
                .expectNot("421")
                .send("QUIT\r\n"));

        check(dialogue, server.port());

        awaitLines(() -> server.log().lines().toList(), "closed by QUIT", CHECKS);
        assertThat(server.log()).doesNotContain("lost", "unexpected", "synchronization", "error");
        Files.writeString(directory.resolve("late"), "");
        Checking.passes(dialogue, server.port());
        assertThat(Checking.check(HealthChecker.sendExpect("EHLO lb\r\n", "250 "), server.port()))
                .hasMessageStartingWith("expected \"250\", got \"554 SMTP synchronization error");
    }

    @Test
    void redis_masterAndReplica_logNothingAndCountNoError() {
        String cli = Program.require("redis-cli");
        Program.Server master = resources.add(startRedis("--requirepass", "secret"));
        cli(cli, master, "-a", "secret", "acl", "setuser", "lb", "on", ">p w", "+ping", "+role");
        RedisHealthChecker onMaster = HealthChecker.redis().login("lb", "p w").master();
        String before = master.program().output();

        check(HealthChecker.redis().password("secret").master().linked(), master.port());
        check(onMaster, master.port());

        assertThat(cli(cli, master, "-a", "secret", "info"))
                .contains("total_error_replies:0", "rejected_connections:0");
        assertThat(master.program().output()).isEqualTo(before);
        Checking.fails(
                HealthChecker.redis(), master.port(), "expected \"+PONG\", got \"-NOAUTH Authentication required.\"");

        Program.Server replica =
                resources.add(startRedis("--masterauth", "secret", "--replicaof", "127.0.0.1 " + master.port()));
        RedisHealthChecker linked = HealthChecker.redis().replica().linked();
        await().atMost(PATIENCE).until(() -> Checking.check(linked, replica.port()) == null);
        check(linked, replica.port());
        assertThat(cli(cli, replica, "info")).contains("total_error_replies:0", "rejected_connections:0");
        Checking.fails(onMaster, replica.port(), "AUTH refused: \"-WRONGPASS\"");
        Checking.fails(HealthChecker.redis().master(), replica.port(), "role \"slave\" (expected: master)");
        master.close();
        await().atMost(PATIENCE).until(() -> Checking.check(linked, replica.port()) != null);
        assertThat(Checking.check(linked, replica.port())).hasMessageStartingWith("link to the master: \"");
        Checking.passes(HealthChecker.redis().replica(), replica.port());
    }

    /** What a replica is sent it keeps in a file. */
    private Program.Server startRedis(String... options) {
        String redis = Program.require("redis-server");
        return Program.startOnFreePort("Ready to accept connections", port -> {
            List<String> command = new ArrayList<>(List.of(redis, "--port", "" + port, "--bind", "127.0.0.1"));
            command.addAll(List.of("--dir", directory.toString(), "--dbfilename", port + ".rdb", "--save", ""));
            command.addAll(List.of("--repl-diskless-sync-delay", "0"));
            command.addAll(List.of(options));
            return Program.start(command.toArray(String[]::new));
        });
    }

    private static String cli(String cli, Program.Server server, String... command) {
        List<String> all = new ArrayList<>(List.of(cli, "-p", "" + server.port(), "--no-auth-warning"));
        all.addAll(List.of(command));
        return Program.run(all.toArray(String[]::new));
    }

    @Test
    void slapd_logsEachCheckAsASuccessAndNoneAsLost() throws IOException {
        String slapd = Program.require("slapd", "/usr/sbin");
        Path config = Files.writeString(directory.resolve("config"), "pidfile " + directory + "/pid\n");
        Program.Server server = resources.add(Program.startOnFreePort(
                "slapd starting",
                port -> Program.start(
                        slapd, "-d", "stats", "-h", "ldap://127.0.0.1:" + port, "-f", config.toString())));
        String before = server.program().output();

        check(HealthChecker.ldap(), server.port());

        awaitLines(() -> logged(server, before), " closed", CHECKS);
        assertThat(logged(server, before)).hasSize(5 * CHECKS).noneMatch(line -> line.contains("lost"));
        assertThat(logged(server, before))
                .filteredOn(line -> line.contains("RESULT tag=97 err=0"))
                .hasSize(CHECKS);
        assertThat(logged(server, before))
                .filteredOn(line -> line.endsWith("UNBIND"))
                .hasSize(CHECKS);
    }

    @Test
    void mosquitto_logsEachCheckAsAClientThatLeft() throws IOException {
        String mosquitto = Program.require("mosquitto", "/usr/sbin");
        Program.Server server = resources.add(
                Program.startOnFreePort("running", port -> Program.start(mosquitto, "-c", mosquittoConfig(port))));
        String before = server.program().output();

        check(HealthChecker.mqtt(), server.port());

        awaitLines(() -> logged(server, before), " disconnected.", CHECKS);
        assertThat(logged(server, before))
                .hasSize(3 * CHECKS)
                .noneMatch(line -> line.contains("closed its connection"));
        assertThat(logged(server, before))
                .filteredOn(line -> line.contains("New client connected"))
                .hasSize(CHECKS);
    }

    private String mosquittoConfig(int port) {
        try {
            return Files.writeString(directory.resolve("config-" + port), """
                    listener %d 127.0.0.1
                    allow_anonymous true
                    log_dest stderr
                    """.formatted(port))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(HealthChecker checker, int port) {
        for (int i = 0; i < CHECKS; i++) {
            Checking.passes(checker, port);
        }
    }

    private static void awaitLines(Supplier<List<String>> log, String text, int count) {
        await().atMost(PATIENCE)
                .until(() ->
                        log.get().stream().filter(line -> line.contains(text)).count() >= count);
    }

    private static List<String> logged(Program.Server server, String before) {
        return since(server.program().output(), before);
    }

    private static List<String> since(String log, String before) {
        return log.substring(before.length())
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }
}
