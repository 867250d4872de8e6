package io.lb4j.jmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.PortRange;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.rmi.server.RMIClientSocketFactory;
import java.rmi.server.RMIServerSocketFactory;
import java.util.Map;
import javax.management.InstanceNotFoundException;
import javax.management.JMX;
import javax.management.MBeanException;
import javax.management.MBeanServer;
import javax.management.MBeanServerConnection;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import javax.management.remote.rmi.RMIConnectorServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a client of JMX sees of a balancer, and can do, through a connection as JConsole has one. */
class JmxRegistrationTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
    private final TestBackend echoing = resources.add(TestBackend.echoing());
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("or\"ders,a=b*")
            .listen("127.0.0.1", 0)
            .noHealthCheck()
            .backend(Backend.of("127.0.0.1", echoing.port()).withId("blue").withWeight(7))
            .backend(Backend.of("127.0.0.1", refusing.port()).withId("green"))
            .start());
    private final JmxRegistration registration = resources.add(JmxRegistration.of(lb));

    @Test
    void client_readsTheFigures() throws Exception {
        try (Peer client = Peer.connect(lb.port())) {
            assertThat(client.send("abc").receiveText(3)).isEqualTo("abc");
            client.fin().receiveToEnd();
        }
        await().until(() -> lb.stats().proxy().closedTotal() == 1);
        MBeanServerConnection remote = connect();
        assertThat(remote.getAttribute(registration.name(), "Name")).isEqualTo(lb.name());
        assertThat(remote.getAttribute(registration.name(), "Address")).isEqualTo("127.0.0.1:" + lb.port());
        assertThat(remote.getAttribute(registration.name(), "State")).isEqualTo("RUNNING");
        CompositeData[] backends = (CompositeData[]) remote.getAttribute(registration.name(), "Backends");
        assertThat(backends).hasSize(2);
        assertThat(backends[0].get("id")).isEqualTo("blue");
        assertThat(backends[0].get("connections")).isEqualTo(1L);

        LoadBalancerMXBean bean = proxy(remote);
        assertThat(bean.getAcceptedConnections()).isEqualTo(1);
        assertThat(bean.getActiveConnections()).isZero();
        assertThat(bean.getClosedConnections()).containsEntry("COMPLETED", 1L);
        assertThat(bean.getBytesToBackend()).isEqualTo(3);
        assertThat(bean.getBytesToClient()).isEqualTo(3);
        assertThat(bean.getBackends()).first().satisfies(blue -> {
            assertThat(blue.getAddress()).isEqualTo("127.0.0.1:" + echoing.port());
            assertThat(blue.getWeight()).isEqualTo(7);
            assertThat(blue.getStatus()).isEqualTo("UP");
            assertThat(blue.getReason()).isNotEmpty();
            assertThat(blue.getActiveConnections()).isZero();
            assertThat(blue.getConnectFailures()).isZero();
            assertThat(blue.getBytesToBackend()).isEqualTo(3);
            assertThat(blue.getBytesToClient()).isEqualTo(3);
            assertThat(blue.getChecksFailed()).isZero();
            assertThat(blue.getEjections()).isZero();
        });
    }

    @Test
    void client_seesFrontendsAndPools_asTheyComeAndGo() throws Exception {
        Frontend api = addFrontendAndPool();
        try (Peer client = Peer.connect(api.port())) {
            assertThat(client.send("abc").receiveText(3)).isEqualTo("abc");
            MBeanServerConnection remote = connect();
            CompositeData[] frontends = (CompositeData[]) remote.getAttribute(registration.name(), "Frontends");
            assertThat(frontends).extracting(one -> one.get("name")).containsExactly("127.0.0.1:any", "api");
            assertThat(frontends[1].get("listening")).isEqualTo(true);
            CompositeData[] pools = (CompositeData[]) remote.getAttribute(registration.name(), "Pools");
            assertThat(pools).extracting(one -> one.get("name")).containsExactly("default", "apis");

            LoadBalancerMXBean bean = proxy(remote);
            assertThat(bean.getFrontends()).last().satisfies(one -> {
                assertThat(one.getAddresses()).containsExactly("127.0.0.1:" + api.port());
                assertThat(one.getDestination()).isEqualTo("pool apis");
                assertThat(one.isListening()).isTrue();
                assertThat(one.getActiveConnections()).isOne();
                assertThat(one.getAcceptedConnections()).isOne();
                assertThat(one.getBytesToBackend()).isEqualTo(3);
                assertThat(one.getBytesToClient()).isEqualTo(3);
            });
            assertThat(bean.getPools()).last().satisfies(one -> {
                assertThat(one.getSelector()).isNotEmpty();
                assertThat(one.getBackendsUp()).isOne();
                assertThat(one.getBackendsAll()).isEqualTo(2);
                assertThat(one.getWaitingConnections()).isZero();
            });
            assertThat(bean.getBackends())
                    .extracting(one -> one.getPool() + " " + one.getId())
                    .containsExactly("default blue", "default green", "apis red", "apis off");

            api.listening(false);
            await().untilAsserted(() -> assertThat(bean.getFrontends()).last().matches(one -> !one.isListening()));
            api.close();
            lb.pool("apis").close();
            assertThat(bean.getFrontends()).hasSize(1);
            assertThat(bean.getPools()).hasSize(1);
            assertThat(bean.getBackends()).hasSize(2);
        }
    }

    /** The operations find a backend whichever pool it is in. */
    @Test
    void client_operatesBackendsOfEachPool() throws Exception {
        addFrontendAndPool();
        LoadBalancerMXBean bean = proxy(connect());
        bean.disableBackend("red");
        assertThat(lb.pool("apis").backends().get("red").status()).isEqualTo(BackendStatus.DISABLED);
        assertThat(bean.getPools()).last().satisfies(one -> assertThat(one.getBackendsUp())
                .isZero());
        bean.enableBackend("off");
        assertThat(lb.pool("apis").backends().get("off").status()).isEqualTo(BackendStatus.UP);
    }

    /** A pool with a backend that is UP and one that is DISABLED. */
    private Frontend addFrontendAndPool() {
        lb.pool("apis", pool -> pool.noHealthCheck()
                .backend(Backend.of("127.0.0.1", echoing.port()).withId("red"))
                .backend(Backend.of("127.0.0.1", refusing.port()).withId("off")));
        lb.pool("apis").backends().disable("off");
        return lb.listen(
                "127.0.0.1", PortRange.of(0), frontend -> frontend.name("api").pool("apis"));
    }

    @Test
    void client_operatesBackends() throws Exception {
        LoadBalancerMXBean bean = proxy(connect());
        bean.disableBackend("blue");
        assertThat(statusOf("blue")).isEqualTo(BackendStatus.DISABLED);
        bean.enableBackend("blue");
        assertThat(statusOf("blue")).isEqualTo(BackendStatus.UP);
        bean.weightBackend("blue", 99);
        assertThat(bean.getBackends().get(0).getWeight()).isEqualTo(99);
        bean.drainBackend("blue", 60);
        await().until(() -> statusOf("blue") != BackendStatus.UP);
        // From here on there is a failure for each connection: green alone is left.
        Peer.connect(lb.port()).close();
        await().untilAsserted(() -> assertThat(bean.getConnectFailures()).isEqualTo(1));
    }

    @Test
    void whatIsWrong_isToldInExceptionsOfTheJdk() throws Exception {
        MBeanServerConnection remote = connect();
        Object[] unknown = {"nobody"};
        assertThatThrownBy(() ->
                        remote.invoke(registration.name(), "enableBackend", unknown, new String[] {"java.lang.String"}))
                .isInstanceOfAny(RuntimeMBeanException.class, MBeanException.class)
                .cause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nobody")
                .hasMessageContaining("blue");
        LoadBalancerMXBean bean = proxy(remote);
        assertThatThrownBy(() -> bean.weightBackend("blue", 1001)).hasMessageContaining("1000");
        assertThatThrownBy(() -> bean.drainBackend("blue", -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void drain_endsTheBalancer_andTheRegistrationWithIt() throws Exception {
        MBeanServerConnection remote = connect();
        proxy(remote).drain(0);
        await().untilAsserted(() ->
                assertThat(remote.isRegistered(registration.name())).isFalse());
        assertThatThrownBy(() -> remote.getAttribute(registration.name(), "State"))
                .isInstanceOf(InstanceNotFoundException.class);
        registration.close();
    }

    @Test
    void secondOfTheSameName_isRefused_untilTheFirstIsClosed() {
        assertThatThrownBy(() -> JmxRegistration.of(lb))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("balancer name: " + lb.name())
                .hasMessageContaining("another name(...)");
        registration.close();
        assertThat(resources.add(JmxRegistration.of(lb)).name()).isEqualTo(registration.name());
    }

    private BackendStatus statusOf(String id) {
        return lb.backends().list().stream()
                .filter(state -> state.backend().id().equals(id))
                .findAny()
                .orElseThrow()
                .status();
    }

    private LoadBalancerMXBean proxy(MBeanServerConnection remote) {
        return JMX.newMXBeanProxy(remote, registration.name(), LoadBalancerMXBean.class);
    }

    private MBeanServerConnection connect() throws IOException {
        MBeanServer platform = ManagementFactory.getPlatformMBeanServer();
        Loopback loopback = new Loopback();
        JMXConnectorServer server = JMXConnectorServerFactory.newJMXConnectorServer(
                new JMXServiceURL("service:jmx:rmi://"),
                Map.of(
                        RMIConnectorServer.RMI_CLIENT_SOCKET_FACTORY_ATTRIBUTE,
                        loopback,
                        RMIConnectorServer.RMI_SERVER_SOCKET_FACTORY_ATTRIBUTE,
                        loopback),
                platform);
        server.start();
        resources.add(server::stop);
        JMXConnector connector = resources.add(JMXConnectorFactory.connect(server.getAddress()));
        return connector.getMBeanServerConnection();
    }

    /** Sockets on the loopback address, whatever the machine calls itself. */
    private static final class Loopback implements RMIClientSocketFactory, RMIServerSocketFactory, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return new Socket(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Loopback;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }
}
