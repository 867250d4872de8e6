package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.Background;
import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.Peer;
import io.lb4j.testing.ProcessView;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.child.ExhaustedProgram;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients read no more, so that what comes for them is held: in the heap, and where the transport has some, in pipes of the
 * kernel. While there is no heap at all they are reset. To cancel their keys needs memory; so did to say that this had
 * failed, for the first time in this process; and what was held was given back behind that.
 */
@EnabledOnOs(OS.LINUX)
class ExhaustedHeapTest {
    private static final int CLIENTS = 8;
    private static final int MUCH = 4 << 20;

    /** The more the likelier one of them is ended meanwhile. */
    private static final int MOMENT_MILLIS = 200;

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.listening());

    @Test
    void whatIsHeld_ofConnectionsThatEndWithoutAnyHeap_isGivenBack() {
        ChildJvm child = resources.add(
                ChildJvm.running(ExhaustedProgram.class).option("-Xmx48m").start(backend.port()));
        int port = Integer.parseInt(child.line().split(" ")[1]);
        ProcessView process = new ProcessView(child.pid());
        int pipes = pipes(process);
        List<Peer> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(pausedClient(port));
        }
        await().until(() -> child.ask("state").startsWith("active " + CLIENTS + " paused " + CLIENTS + " "));

        assertThat(child.ask("exhaust")).isEqualTo("exhausted");
        clients.forEach(Peer::rst);
        Background.pause(MOMENT_MILLIS);
        assertThat(child.ask("enough")).startsWith("active ");

        await().untilAsserted(() -> assertThat(child.ask("state")).isEqualTo("active 0 paused 0 held 0"));
        await().untilAsserted(() -> assertThat(pipes(process)).isEqualTo(pipes));
    }

    /** One that has read much, as fast as it could, and then nothing. */
    private Peer pausedClient(int port) {
        Peer client = resources.add(Peer.connect(port));
        Peer served = resources.add(backend.accept());
        var unused = served.sendInBackground(64L * MUCH, 1);
        client.receive(MUCH);
        return client;
    }

    private static int pipes(ProcessView process) {
        return process.descriptors().getOrDefault("pipe", 0);
    }
}
