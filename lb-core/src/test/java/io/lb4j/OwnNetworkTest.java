package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.child.OwnNetworkProgram;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What takes a network of its own: a client or a backend whose cable is pulled, and a machine without a port left. */
class OwnNetworkTest {
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
        assertThat(outcome("silent")).startsWith("IDLE_TIMEOUT RESET BALANCER ");
    }

    @Test
    void client_thatVanishesWhileItIsSentTo_isGivenUpAfterTheStallTimeout() { // A14
        assertThat(outcome("stalled")).startsWith("STALL_TIMEOUT RESET CLIENT ");
    }

    @Test
    void client_thatVanishesWithAHundredBytesOnTheirWay_isGivenUpAfterTheStallTimeout() { // E8
        assertThat(outcome("unacknowledged")).startsWith("STALL_TIMEOUT RESET CLIENT ");
    }

    @Test
    void backend_thatVanishesWhileItIsSentTo_isGivenUpAfterTheStallTimeout() { // E8
        assertThat(outcome("backend-stalled")).startsWith("STALL_TIMEOUT RESET BACKEND ");
    }

    @Test
    void backend_thatVanishesWithAHundredBytesOnTheirWay_isGivenUpAfterTheStallTimeout() { // E8
        assertThat(outcome("backend-unacknowledged")).startsWith("STALL_TIMEOUT RESET BACKEND ");
    }

    @Test
    void client_thatForgotTheConnection_isFoundOutByTheNextByte() { // A15
        assertThat(outcome("power-loss")).startsWith("CLIENT_RESET RESET CLIENT ");
    }

    @Test
    void connect_withoutAPortLeft_isALocalShortage() {
        assertThat(outcome("no-port")).startsWith("LOCAL_SHORTAGE RC java.net.BindException");
    }

    private String outcome(String how) {
        return resources
                .add(ChildJvm.running(OwnNetworkProgram.class).ownNetwork().start(how))
                .line();
    }
}
