package io.lb4j.admin;

import static io.lb4j.admin.AdminClient.ask;
import static io.lb4j.admin.AdminClient.body;
import static io.lb4j.admin.PageView.enter;
import static io.lb4j.admin.PageView.picture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.PortRange;
import io.lb4j.testing.Background;
import io.lb4j.testing.Browser;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A balancer of two frontends and two pools, as an admin server and its page show it, and what can be done to it there. */
@Timeout(180)
class FrontendsAndPoolsShownTest {
    private static final String TOKEN = "a-long-token";

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend echoing = resources.add(TestBackend.echoing());
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("orders")
            .listen("127.0.0.1", 0, frontend -> frontend.name("web").pool("sites"))
            .listen("127.0.0.1", 0, frontend -> frontend.name("api/1").pool("apis"))
            .pool("sites", pool -> pool.noHealthCheck()
                    .backend(Backend.of("127.0.0.1", echoing.port()).withId("blue"))
                    .backend(Backend.of("127.0.0.1", echoing.port()).withId("green")))
            .pool("apis", pool -> pool.noHealthCheck()
                    .queue(queue -> queue.maxWaiting(9))
                    .backend(Backend.of("127.0.0.1", echoing.port()).withId("red")))
            .start());
    private final AdminServer admin = resources.add(
            AdminServer.builder(lb).token(TOKEN).listen("127.0.0.1", 0).start());

    @Test
    void status_hasFrontendsAndPools_andEachBackendItsPool() {
        Peer client = talking("api/1");
        int api = lb.frontend("api/1").port();
        await().untilAsserted(() -> assertThat(body(admin, "/status"))
                .contains("{\"name\":\"api/1\",\"addresses\":[\"127.0.0.1:" + api + "\"],\"destination\":\"pool apis\","
                        + "\"listening\":true,\"certificateExpirySeconds\":null,\"accepted\":1,\"active\":1,\"closed\":{},\"connectAttempts\":1,"
                        + "\"bytesToBackend\":5,\"bytesToClient\":5,"));
        assertThat(body(admin, "/status"))
                .contains("{\"name\":\"web\",")
                .contains("{\"name\":\"sites\",\"backendsUp\":2,\"backendsAll\":2,\"backends\":[\"blue\",\"green\"],"
                        + "\"settings\":{\"selector\":\"roundRobin\",")
                .contains("\"queue\":{\"waiting\":0,\"longestWaitMillis\":0,\"isWanted\":true}}]")
                .contains("\"id\":\"green\",\"pool\":\"sites\"")
                .contains("\"id\":\"red\",\"pool\":\"apis\"");
        assertThat(body(admin, "/connections", TOKEN))
                .contains("\"client\":\"127.0.0.1:" + client.socket().getLocalPort()
                        + "\",\"backend\":\"red\",\"pool\":\"apis\",\"frontend\":\"api/1\"");
    }

    @Test
    void proxyProtocol_ofEachBackend_isTold() {
        Backend told = Backend.of("127.0.0.1", echoing.port()).withId("told").withProxyProtocol(ProxyVersion.V2);
        lb.pool("apis").backends().add(told);
        assertThat(body(admin, "/status"))
                .containsPattern("\"id\":\"red\",[^}]*\"proxyProtocol\":null")
                .containsPattern("\"id\":\"told\",[^}]*\"proxyProtocol\":\"v2\"");
    }

    @Test
    void transport_isTold() {
        String transport = lb.transport().key();
        assertThat(body(admin, "/status")).contains("\"transport\":\"" + transport + "\"");
        assertThat(ask(admin, "GET /metrics"))
                .contains("lb4j_transport_info{balancer=\"orders\",transport=\"" + transport + "\"} 1");
        Browser browser = resources.add(Browser.open(1300, 1200, false));
        browser.load("http://127.0.0.1:" + admin.port() + "/");
        await().untilAsserted(() -> assertThat(browser.text("body")).contains("transport " + transport));
    }

    @Test
    void operation_findsABackendInWhicheverPoolItIs() {
        assertThat(operate("/backends/red/disable")).startsWith("HTTP/1.1 200");
        assertThat(lb.pool("apis").backends().get("red").status()).isEqualTo(BackendStatus.DISABLED);
        assertThat(operate("/backends/green/weight?value=7")).startsWith("HTTP/1.1 200");
        assertThat(lb.pool("sites").backends().get("green").backend().weight()).isEqualTo(7);
        assertThat(operate("/backends/none/enable"))
                .startsWith("HTTP/1.1 404")
                .contains("blue")
                .contains("red");
    }

    @Test
    void frontend_isDrained_withTheTokenAlone_butForTheLast() {
        Peer client = talking("api/1");
        String drain = "/frontends/api%2F1/drain?grace=0s";
        assertThat(ask(admin, "POST " + drain)).startsWith("HTTP/1.1 401");
        assertThat(ask(admin, "GET " + drain)).startsWith("HTTP/1.1 405").contains("Allow: POST");
        assertThat(operate("/frontends/api%2F1/drain")).startsWith("HTTP/1.1 400");
        assertThat(operate("/frontends/none/drain?grace=0s"))
                .startsWith("HTTP/1.1 404")
                .contains("web");
        assertThat(lb.frontends()).hasSize(2);
        try (LogCapture log = LogCapture.open()) {
            assertThat(operate(drain)).startsWith("HTTP/1.1 200");
            assertThat(log.messages("admin: frontend"))
                    .containsExactly("orders: admin: frontend api/1: drain, grace 0.0 s");
        }
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().untilAsserted(() -> assertThat(lb.frontends()).hasSize(1));
        assertThat(operate("/frontends/web/drain?grace=0s"))
                .startsWith("HTTP/1.1 409 Conflict")
                .contains("frontend web is the last one");
        assertThat(lb.isListening()).isTrue();
        assertThat(body(admin, "/history")).contains("frontend api/1: drain").contains("RECONFIGURED");
    }

    /** What is read is whole, whatever comes and goes meanwhile. */
    @Test
    void frontendsAndPools_comeAndGo_whileTheyAreRead() {
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Integer> reader = Background.supply(() -> {
            int answers = 0;
            while (!stop.get()) {
                for (String path : new String[] {"/status", "/metrics", "/health"}) {
                    assertThat(ask(admin, "GET " + path)).startsWith("HTTP/1.1 200");
                    answers++;
                }
            }
            return answers;
        });
        try {
            for (int i = 0; i < 30; i++) {
                comeAndGo();
            }
        } finally {
            stop.set(true);
        }
        assertThat(reader).succeedsWithin(Duration.ofSeconds(20)).matches(answers -> answers >= 3);
        assertThat(body(admin, "/status")).doesNotContain("more");
    }

    /** A balancer that serves is healthy at every moment, also at those in which something of it goes. */
    @Test
    void frontendsAndPools_comeAndGo_andItIsHealthyAllTheTime() {
        Shown shown = new Shown(lb, AdminClock.ofSystem());
        resources.add(shown::close);
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> looker = Background.run(() -> {
            while (!stop.get()) {
                assertThat(shown.condition()).matches(Shown.Condition::isHealthy, "healthy");
            }
        });
        try {
            for (int i = 0; i < 300 && !looker.isDone(); i++) {
                comeAndGo();
            }
        } finally {
            stop.set(true);
        }
        assertThat(looker).succeedsWithin(Duration.ofSeconds(20));
    }

    private void comeAndGo() {
        lb.pool("more", pool -> pool.noHealthCheck()
                .backend(Backend.of("127.0.0.1", echoing.port()).withId("new")));
        lb.listen("127.0.0.1", PortRange.of(0), frontend -> frontend.name("more")
                        .pool("more"))
                .close();
        lb.pool("more").close();
    }

    @Test
    void page_hasAFrontendInARow_andBackendsPoolByPool() {
        Browser browser = resources.add(Browser.open(1300, 1200, false));
        Peer client = talking("api/1");
        browser.load("http://127.0.0.1:" + admin.port() + "/");
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("3 of 3 up"));
        assertThat(browser.text("[data-frontend=web]")).contains("pool sites", "● open");
        String api = "[data-frontend='api/1']";
        assertThat(browser.text(api))
                .contains("127.0.0.1:" + lb.frontend("api/1").port(), "pool apis");
        assertThat(order(browser)).isEqualTo("sites,blue,green,apis,red");
        assertThat(browser.text("[data-pool=apis]")).contains("1 of 1 up", "0 wait for a place");

        browser.type(".filter", "apis");
        assertThat(order(browser)).isEqualTo("apis,red");
        browser.run("(document.querySelector('.filter').value = '', 1)");
        browser.type(".filter", "b");
        assertThat(order(browser)).isEqualTo("sites,blue");
        browser.screenshot(picture("frontends-and-pools"));

        assertThat(drains(browser)).isEqualTo("0");
        enter(browser, TOKEN);
        assertThat(drains(browser)).isEqualTo("2");
        browser.click(api + " .drain");
        await().untilAsserted(() -> assertThat(browser.text("#message")).isEqualTo("Done."));
        await().untilAsserted(() -> assertThat(browser.text(api)).contains("✕ closed"));
        client.fin().receiveToEnd();
        await().untilAsserted(() -> assertThat(browser.run("document.querySelectorAll(\"" + api + "\").length"))
                .isEqualTo("0"));
        await().untilAsserted(() -> assertThat(drains(browser)).isEqualTo("0"));
        lb.pool("apis").close();
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("2 of 2 up"));
        // As ever, with one of each.
        await().untilAsserted(() -> assertThat(browser.run("document.querySelectorAll('tr.pool').length"))
                .isEqualTo("0"));
        assertThat(browser.run("document.querySelector('.frontends').offsetParent === null"))
                .isEqualTo("true");
    }

    @Test
    void page_onAPhone_isNoWiderThanTheScreen() {
        Browser browser = resources.add(Browser.open(390, 844, true));
        browser.load("http://127.0.0.1:" + admin.port() + "/");
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("3 of 3 up"));
        assertThat(browser.run("document.documentElement.scrollWidth <= innerWidth"))
                .isEqualTo("true");
        browser.screenshot(picture("frontends-and-pools-phone"));
    }

    /** Pools and backends, as they stand below each other. */
    private static String order(Browser browser) {
        return browser.run("Array.from(document.querySelectorAll('.backends tr')).filter(tr => !tr.hidden)"
                + ".map(tr => tr.dataset.pool || tr.dataset.id).join()");
    }

    private static String drains(Browser browser) {
        return browser.run("Array.from(document.querySelectorAll('.frontends .drain')).filter(it =>"
                + " it.offsetParent !== null).length");
    }

    private Peer talking(String frontend) {
        Peer client = resources.add(Peer.connect(lb.frontend(frontend).port()));
        assertThat(client.send("hello").receiveText(5)).isEqualTo("hello");
        return client;
    }

    private String operate(String path) {
        return ask(admin, "POST " + path, "127.0.0.1:" + admin.port(), "Authorization: Bearer " + TOKEN);
    }
}
