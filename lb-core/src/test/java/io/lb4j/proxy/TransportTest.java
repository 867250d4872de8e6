package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.LoadBalancer;
import io.lb4j.internal.epoll.NativeTransport;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.SystemSockets;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.TransportOfThisRun;
import io.lb4j.testing.child.TransportProgram;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which transport a balancer has, who decides it, and who is told. */
@Timeout(60)
class TransportTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend echo = resources.add(TestBackend.echoing());

    private TcpProxyBuilder builder() {
        return TcpProxy.builder().listen("127.0.0.1", 0).to("127.0.0.1", echo.port());
    }

    /** Those that there are. */
    static Stream<Transport> transports() {
        return NativeTransport.find().sockets() == null
                ? Stream.of(Transport.AUTO, Transport.JDK)
                : Stream.of(Transport.values());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void transport_asked_relays(Transport transport) {
        TcpProxy proxy = resources.add(builder().transport(transport).start());
        if (transport == Transport.AUTO) {
            assertThat(proxy.transport()).isEqualTo(TransportOfThisRun.isNative() ? Transport.NATIVE : Transport.JDK);
        } else {
            assertThat(proxy.transport()).isEqualTo(transport);
        }
        Peer client = resources.add(Peer.connect(proxy.port()));
        assertThat(client.send("hello").receiveText(5)).isEqualTo("hello");
        assertThat(client.fin().receiveToEnd().end()).isEqualTo(Peer.End.EOF);
    }

    @Test
    void nativeTransport_thatIsNotThere_isRefusedWithTheReason() {
        if (NativeTransport.find().sockets() == null) {
            assertThatThrownBy(() -> builder().transport(Transport.NATIVE).start())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("transport NATIVE: ")
                    .hasMessageEndingWith(NativeTransport.find().reason());
        }
        String without = inAnotherJvm("NATIVE");
        assertThat(without).startsWith("refused transport NATIVE: ");
        if (Runtime.version().feature() < 22) {
            assertThat(without).endsWith("it needs Java 22 or newer, and this is 17");
        } else {
            assertThat(without).contains("add --enable-native-access=ALL-UNNAMED");
        }
    }

    @Test
    void auto_withoutTheGrantOfTheUser_isTheJdks_andTheJvmDoesNotWarn() {
        assertThat(inAnotherJvm("AUTO")).isEqualTo("started JDK");
    }

    /** In a JVM that was granted nothing. */
    private String inAnotherJvm(String transport) {
        ChildJvm child = resources.add(
                ChildJvm.running(TransportProgram.class).withoutTransport().start(transport, echo.port()));
        String said = child.line();
        assertThat(child.errors()).noneMatch(line -> line.contains("restricted") || line.contains("native access"));
        return said;
    }

    @Test
    void property_saysWhatAutoMeans() {
        assertThat(withProperty("jdk")).isEqualTo("started JDK");
        assertThat(withProperty("epoll"))
                .isEqualTo("refused system property lb4j.transport: epoll (expected: auto, jdk or native)");
    }

    private String withProperty(String value) {
        ChildJvm child = resources.add(ChildJvm.running(TransportProgram.class)
                .withoutTransport()
                .option("-Dlb4j.transport=" + value)
                .start("AUTO", echo.port()));
        return child.line();
    }

    @Test
    void socketsThatWereBrought_areTheTransport() {
        Platform platform = Platform.system().with(new SystemSockets());
        assertThat(resources.add(builder().platform(platform).start()).transport())
                .isEqualTo(Transport.JDK);
    }

    @Test
    void startLine_tellsWhichItIs() {
        try (LogCapture log = LogCapture.open()) {
            LoadBalancer lb = resources.add(LoadBalancer.builder()
                    .name("orders")
                    .backend("127.0.0.1", echo.port())
                    .transport(Transport.JDK)
                    .start());
            assertThat(lb.transport()).isEqualTo(Transport.JDK);
            assertThat(log.messages("orders: listening on"))
                    .singleElement()
                    .asString()
                    .endsWith(", transport jdk");
        }
    }
}
