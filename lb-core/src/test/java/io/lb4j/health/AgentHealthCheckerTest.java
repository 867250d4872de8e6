package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentHealthCheckerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @RegisterExtension
    final Resources resources = new Resources();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "up                   | 100 | false",
                "ready                | 100 | false",
                "50%                  |  50 | false",
                "up 50%               |  50 | false",
                "UP,\t7%              |   7 | false",
                "0%                   |   0 | false",
                "250%                 | 100 | false",
                "drain                | 100 | true",
                "maint                | 100 | true",
                "drain 30%            |  30 | true",
                "drain ready          | 100 | false",
                "drain up 50%         |  50 | true",
                "up maxconn:30        | 100 | false",
                "75% # since the disk is slow | 75 | false",
            })
    void answer_ofKnownWords_isWhatTheySay(String line, int percent, boolean draining) throws IOException {
        assertThat(AgentHealthChecker.answer(line)).isEqualTo(new CheckAnswer(percent, draining));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "down                   | agent: down",
                "down disk full         | agent: down \"disk full\"",
                "fail # disk full       | agent: fail \"# disk full\"",
                "50% stopped            | agent: stopped",
                "well                   | agent: unknown word in \"well\"",
                "50                     | agent: unknown word in \"50\"",
                "HTTP/1.1 200 OK        | agent: unknown word in \"HTTP/1.1 200 OK\"",
            })
    void answer_ofOthers_isAFailedCheck(String line, String message) {
        assertThatThrownBy(() -> AgentHealthChecker.answer(line))
                .isInstanceOf(IOException.class)
                .hasMessage(message.replace("\"# disk", "\"disk"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "# nothing", ","})
    void answer_thatSaysNothing_isAFailedCheck(String line) {
        assertThatThrownBy(() -> AgentHealthChecker.answer(line)).hasMessageStartingWith("agent: nothing said in");
    }

    @Test
    void ask_sendsTheQuestion_andReadsALineInPieces() throws Exception {
        TestBackend agent = resources.add(TestBackend.serving(peer -> {
            if (peer.receiveText(3).equals("b7\n")) {
                peer.send("up ").send("3").send("0%\nmore").fin();
            }
            peer.receiveToEnd();
        }));
        HealthChecker checker = HealthChecker.agent(agent.port(), "b7\n");
        assertThat(checker.ask(Backend.of("127.0.0.1", 1), TIMEOUT)).isEqualTo(CheckAnswer.weight(30));
        checker.check(Backend.of("127.0.0.1", 1), TIMEOUT);
    }

    @Test
    void ask_ofALineThatDoesNotEnd_isAFailedCheck() {
        TestBackend agent = resources.add(TestBackend.saying("x".repeat(5_000)));
        assertThatThrownBy(() -> HealthChecker.agent(agent.port()).ask(Backend.of("127.0.0.1", 1), TIMEOUT))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("agent: no line end within 1024 bytes: \"xxx");
    }

    @Test
    void agent_ofWrongArguments_isRefused() {
        assertThatThrownBy(() -> HealthChecker.agent(0)).hasMessage("agent port: 0 (expected: 1..65535)");
        assertThatThrownBy(() -> HealthChecker.agent(1, "x".repeat(70_000)))
                .hasMessage("question: 70000 bytes (expected: at most 65536)");
        assertThatThrownBy(() -> CheckAnswer.weight(101)).hasMessage("weightPercent: 101 (expected: 0..100)");
    }

    @Test
    void combined_theSmallerWeightHolds_andAnyOfTakesTheFirstThatPasses() throws Exception {
        Backend backend = Backend.of("127.0.0.1", 1);
        HealthChecker half = HealthChecker.answering((any, timeout) -> CheckAnswer.weight(50));
        HealthChecker third = HealthChecker.answering((any, timeout) -> CheckAnswer.weight(30));
        HealthChecker drain = HealthChecker.answering((any, timeout) -> CheckAnswer.DRAINING);
        HealthChecker fails = (any, timeout) -> {
            throw new IOException("no");
        };
        HealthChecker passes = (any, timeout) -> {};
        assertThat(HealthChecker.allOf(half, passes, third).ask(backend, TIMEOUT))
                .isEqualTo(CheckAnswer.weight(30));
        assertThat(HealthChecker.allOf(half, drain).ask(backend, TIMEOUT)).isEqualTo(new CheckAnswer(50, true));
        assertThat(HealthChecker.anyOf(fails, third, half).ask(backend, TIMEOUT))
                .isEqualTo(CheckAnswer.weight(30));
        assertThat(HealthChecker.allOf(passes).ask(backend, TIMEOUT)).isEqualTo(CheckAnswer.HEALTHY);
    }

    @Test
    void agent_ofABalancer_setsTheShareAndDrains() {
        StringBuffer says = new StringBuffer("up 25%\n");
        TestBackend agent = resources.add(TestBackend.serving(peer -> {
            peer.send(says.toString()).fin();
            peer.receiveToEnd();
        }));
        TestBackend server = resources.add(TestBackend.echoing());
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .backend("127.0.0.1", server.port())
                .healthCheck(check ->
                        check.checker(HealthChecker.agent(agent.port())).interval(Duration.ofMillis(20)))
                .start());
        await().until(() -> lb.backends().list().get(0).weightPercent() == 25);
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("x").receiveText(1)).isEqualTo("x");
        says.replace(0, says.length(), "drain\n");
        await().until(() -> lb.backends().list().get(0).status() == BackendStatus.DRAINING);
        assertThat(client.send("y").receiveText(1)).isEqualTo("y");
        says.replace(0, says.length(), "up\n");
        await().until(() -> lb.backends().list().get(0).status() == BackendStatus.UP);
        assertThat(lb.backends().list().get(0).weightPercent()).isEqualTo(100);
    }

    @Test
    void answering_thatAnswersNull_isAFailedCheck() {
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .backend("127.0.0.1", 1)
                .healthCheck(check -> check.checker(HealthChecker.answering((any, timeout) -> null))
                        .interval(Duration.ofMillis(20)))
                .start());
        await().until(() -> lb.backends().list().get(0).status() == BackendStatus.DOWN);
        assertThat(lb.backends().list().get(0).reason()).contains("answer");
    }
}
