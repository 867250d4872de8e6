package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.child.VanishingPeerProgram;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client whose cable is pulled: not a packet comes from it, and none arrives there. */
class VanishedPeerTest {
    @RegisterExtension
    final Resources resources = new Resources();

    @BeforeEach
    void requireANetworkOfItsOwn() {
        Program.require("ip", "/usr/sbin", "/sbin");
        Program.require("unshare");
        try {
            Program.run("unshare", "--map-root-user", "--net", "true");
        } catch (AssertionError notAllowed) {
            Assumptions.abort("skipped: no network namespace can be made here: " + notAllowed.getMessage());
        }
    }

    @Test
    void client_thatVanishesWhileSilent_isGivenUpAfterTheIdleTimeout() { // A14
        assertThat(outcome("silent")).startsWith("IDLE_TIMEOUT RESET ");
    }

    @Test
    void client_thatVanishesWhileItIsSentTo_isGivenUpAfterTheStallTimeout() { // A14
        assertThat(outcome("stalled")).startsWith("STALL_TIMEOUT RESET ");
    }

    @Test
    void client_thatForgotTheConnection_isFoundOutByTheNextByte() { // A15
        assertThat(outcome("power-loss")).startsWith("CLIENT_RESET RESET ");
    }

    private String outcome(String how) {
        return resources
                .add(ChildJvm.running(VanishingPeerProgram.class).ownNetwork().start(how))
                .line();
    }
}
