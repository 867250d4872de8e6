package io.lb4j.admin;

import static io.lb4j.admin.AdminClient.ask;
import static io.lb4j.admin.AdminClient.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.testing.Resources;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several balancers on one admin server. */
class SeveralBalancersTest {
    private static final String TOKEN = "a-long-token";

    @RegisterExtension
    final Resources resources = new Resources();

    private final LoadBalancer orders = balancer("orders");
    private final LoadBalancer stock = balancer("stock&more");
    private final AdminServer admin = resources.add(AdminServer.builder(orders, stock)
            .token(TOKEN)
            .listen("127.0.0.1", 0)
            .start());

    @Test
    void status_ofAll_isAList_andOfOne_anObject() {
        assertThat(body(admin, "/status"))
                .startsWith("[{\"name\":\"orders\",")
                .contains("},{\"name\":\"stock\\u0026more\",")
                .endsWith("}]");
        assertThat(body(admin, "/status?balancer=stock%26more")).startsWith("{\"name\":\"stock\\u0026more\",");
        assertThat(body(admin, "/history")).startsWith("[{\"name\":\"orders\",");
        assertThat(ask(admin, "GET /status?balancer=nobody")).startsWith("HTTP/1.1 404");
        assertThat(ask(admin, "GET /status?balancer=%zz")).startsWith("HTTP/1.1 400");
    }

    @Test
    void health_isThatOfAll_unlessOneIsAskedFor() {
        assertThat(ask(admin, "GET /health")).startsWith("HTTP/1.1 200");
        stock.backends().disable("blue");
        assertThat(ask(admin, "GET /health"))
                .startsWith("HTTP/1.1 503")
                .contains(
                        "{\"healthy\":false,\"balancers\":[{\"name\":\"orders\",\"healthy\":true,\"state\":\"RUNNING\","
                                + "\"backendsUp\":1},");
        assertThat(ask(admin, "GET /health?balancer=orders")).startsWith("HTTP/1.1 200");
    }

    @Test
    void change_mustSayOfWhich() {
        assertThat(post("/backends/blue/disable")).startsWith("HTTP/1.1 400").contains("balancer=<name>");
        assertThat(post("/backends/blue/disable?balancer=stock%26more")).startsWith("HTTP/1.1 200");
        assertThat(stock.backends().get("blue").status()).isEqualTo(BackendStatus.DISABLED);
        assertThat(orders.backends().get("blue").status()).isEqualTo(BackendStatus.UP);
        assertThat(post("/backends/blue/weight?value=7&balancer=orders")).startsWith("HTTP/1.1 200");
        assertThat(orders.backends().get("blue").backend().weight()).isEqualTo(7);
    }

    @Test
    void sameName_isRefused_withWhatToDo() {
        LoadBalancer other = balancer("orders");
        assertThatThrownBy(() -> AdminServer.builder(orders, other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("balancer: orders (expected: each name once; give each balancer a name of its own, by"
                        + " LoadBalancer.builder().name(...))");
    }

    @Test
    void oneThatIsClosed_isShownAsThat_untilTheLastHasEnded() {
        orders.close();
        assertThat(body(admin, "/status?balancer=orders")).contains("\"state\":\"CLOSED\"");
        assertThat(body(admin, "/connections?balancer=orders", TOKEN)).isEqualTo("{\"count\":0,\"connections\":[]}");
        assertThat(ask(admin, "GET /health")).startsWith("HTTP/1.1 503");
        stock.close();
        await().untilAsserted(() -> assertThatThrownBy(
                        () -> new Socket(InetAddress.getLoopbackAddress(), admin.port()).close())
                .isInstanceOf(ConnectException.class));
    }

    private String post(String path) {
        return ask(admin, "POST " + path, "127.0.0.1:" + admin.port(), "Authorization: Bearer " + TOKEN);
    }

    private LoadBalancer balancer(String name) {
        return resources.add(LoadBalancer.builder()
                .name(name)
                .noHealthCheck()
                .backend(Backend.of("127.0.0.1", 1).withId("blue"))
                .start());
    }
}
