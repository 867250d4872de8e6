package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.ObedientBackend;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.SlowReaders;
import io.lb4j.testing.child.BalancerProgram;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that read slowly what backends send without end, in an application with a small heap. */
class SlowReadersTest {
    private static final int READERS = 1000;
    private static final int READ_EVERY_MILLIS = 1000;
    private static final int OTHERS = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void slowReaders_aThousandInASmallHeap_endNothingAndDelayNobody() throws IOException {
        ObedientBackend backend = resources.add(ObedientBackend.start());
        ChildJvm child = resources.add(ChildJvm.running(BalancerProgram.class)
                .option("-Xmx64m")
                .start(2, 0, READERS + OTHERS, backend.port()));
        int port = Integer.parseInt(child.line().split(" ")[1]);
        SlowReaders readers = resources.add(new SlowReaders(READ_EVERY_MILLIS));
        for (int i = 0; i < READERS; i++) {
            readers.add(port);
        }
        try {
            await("every slow reader is served").atMost(PATIENCE).until(() -> readers.served() == READERS);
            for (int i = 0; i < OTHERS; i++) {
                ask(port);
            }
            int rounds = readers.rounds();
            await("time passes").atMost(PATIENCE).until(() -> readers.rounds() >= rounds + 2);
            await("nobody's connection but the others' has ended")
                    .atMost(PATIENCE)
                    .until(() -> child.ask("memory").startsWith(READERS + " connections open"));
            assertThat(readers.ends()).as("ends of slow readers").isEmpty();
            assertThat(child.errors()).as("what was logged").isEmpty();
        } finally {
            System.out.println(readers.served() + " slow readers served, ended: " + readers.ends() + ", logged: "
                    + child.errors() + ", " + child.ask("memory"));
        }
    }

    private static void ask(int port) {
        try (Peer client = Peer.connect(port)) {
            client.send(ObedientBackend.ECHO + "hello").fin();
            assertThat(client.receiveText(5)).isEqualTo("hello");
        }
    }
}
