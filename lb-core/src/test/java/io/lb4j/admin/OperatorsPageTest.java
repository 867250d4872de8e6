package io.lb4j.admin;

import static io.lb4j.admin.PageView.enter;
import static io.lb4j.admin.PageView.picture;
import static io.lb4j.admin.PageView.points;
import static io.lb4j.admin.PageView.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.testing.Browser;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an operator finds on the page, in a real browser. */
@Timeout(180)
class OperatorsPageTest {
    private static final String TOKEN = "a-long-token";

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend first = resources.add(TestBackend.saying("1"));
    private final TestBackend second = resources.add(TestBackend.saying("2"));
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("orders")
            .noHealthCheck()
            .backend(Backend.of("127.0.0.1", first.port()).withId("blue"))
            .backend(Backend.of("127.0.0.1", second.port()).withId("green"))
            .start());

    @Test
    void ejectedBackend_tellsWhenItIsBack() {
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        lb.backends().add(Backend.of("127.0.0.1", refusing.port()).withId("red"));
        await().until(() -> {
            try (Peer client = Peer.connect(lb.port())) {
                client.receiveText(1);
            }
            return lb.backends().get("red").status() == BackendStatus.EJECTED;
        });
        assertThat(lb.backends().get("red").ejectedUntil()).isPresent();
        Browser browser = open(1300, 900, true, AdminServer.builder(lb));
        await().untilAsserted(
                        () -> assertThat(browser.text("[data-id=red] .next")).matches("back in \\d+ s"));
    }

    @Test
    void drain_tellsWhatIsLeft_andWhenThatIsReset() {
        TestBackend holding = resources.add(TestBackend.echoing());
        lb.backends().replaceAll(List.of(Backend.of("127.0.0.1", holding.port()).withId("old")));
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("x").receiveText(1)).isEqualTo("x");
        Browser browser = open(1300, 900, false, AdminServer.builder(lb).token(TOKEN));
        lb.backends().drain("old", Duration.ofSeconds(300));
        await().untilAsserted(
                        () -> assertThat(browser.text("[data-id=old] .next")).matches("1 left, reset in 4 min \\d+ s"));
    }

    /** A page that is loaded has the line, and the events, of before. */
    @Test
    void pageThatIsLoadedLater_hasTheLineAndTheEventsOfBefore() {
        ManualClock time = ManualClock.create();
        AdminServer admin = resources.add(AdminServer.builder(lb)
                .clock(new AdminClock(time, () -> time.getAsLong() / 1_000_000))
                .listen("127.0.0.1", 0)
                .start());
        lb.backends().disable("blue");
        for (int i = 0; i < 6; i++) {
            time.advance(Duration.ofSeconds(10));
            String last = time.getAsLong() / 1_000_000 + "],\"total\"";
            await().untilAsserted(() ->
                    assertThat(AdminClient.body(admin, "/history")).contains(last));
        }
        Browser browser = resources.add(Browser.open(1300, 900, false));
        browser.load("http://127.0.0.1:" + admin.port() + "/");
        await().untilAsserted(() -> assertThat(points(browser)).isGreaterThanOrEqualTo(6));
        await().untilAsserted(() -> assertThat(browser.text(".events")).contains("DISABLED", "blue"));
    }

    @Test
    void rate_untilItIsKnown_isADash() {
        ManualClock time = ManualClock.create();
        AdminServerBuilder builder =
                AdminServer.builder(lb).clock(new AdminClock(time, () -> time.getAsLong() / 1_000_000));
        Browser browser = open(1300, 900, false, builder);
        await().untilAsserted(() -> assertThat(browser.text(".tile-rate")).isEqualTo("–"));
        time.advance(Duration.ofSeconds(1));
        await().untilAsserted(() -> assertThat(browser.text(".tile-rate")).isEqualTo("0.0"));
    }

    @Test
    void openConnection_isListed_andCanBeEnded() {
        TestBackend holding = resources.add(TestBackend.echoing());
        lb.backends().replaceAll(List.of(Backend.of("127.0.0.1", holding.port()).withId("old")));
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("hello").receiveText(5)).isEqualTo("hello");
        Browser browser = open(1300, 1200, false, AdminServer.builder(lb).token(TOKEN));
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("1 of 1 up"));
        browser.click("[data-id=old] .name");
        await().untilAsserted(() -> assertThat(browser.run("document.querySelectorAll('.detail .look').length"))
                .isEqualTo("1"));
        assertThat(browser.run("document.querySelector('.detail .look').offsetParent === null"))
                .isEqualTo("true");
        enter(browser, TOKEN);
        browser.click(".detail .look");
        await().untilAsserted(() -> assertThat(browser.text(".connections"))
                .contains("127.0.0.1:" + client.socket().getLocalPort(), "5 B"));
        browser.screenshot(picture("detail"));
        browser.click(".connections .end");
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().untilAsserted(
                        () -> assertThat(browser.text(".detail")).contains("closed by operator", "None is open."));
    }

    @Test
    void link_toOneBackend_opensIt() {
        AdminServer admin =
                resources.add(AdminServer.builder(lb).listen("127.0.0.1", 0).start());
        Browser browser = resources.add(Browser.open(1300, 900, false));
        browser.load("http://127.0.0.1:" + admin.port() + "/#/orders/blue");
        await().untilAsserted(() -> assertThat(browser.run("document.querySelectorAll('.detail').length"))
                .isEqualTo("1"));
        assertThat(browser.run("document.querySelector('.detail').previousSibling.dataset.id"))
                .isEqualTo("blue");
    }

    @Test
    void manyBackends_thoseInTroubleComeFirst_andCanBeFilteredAndSorted() {
        lb.backends()
                .replaceAll(IntStream.rangeClosed(1, 200)
                        .mapToObj(i -> Backend.of("127.0.0." + i, 1).withId("b" + i))
                        .toList());
        lb.backends().disable("b177");
        Browser browser = open(1300, 900, true, AdminServer.builder(lb));
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("199 of 200 up"));
        await().untilAsserted(() -> assertThat(rows(browser)).isEqualTo("50"));
        assertThat(browser.text(".backends td")).contains("b177");
        browser.screenshot(picture("many-dark"));
        browser.type(".filter", "b17");
        assertThat(rows(browser)).isEqualTo("11");
        browser.run("(document.querySelector('.filter').value = '', 1)");
        browser.type(".filter", "disabled");
        assertThat(rows(browser)).isEqualTo("1");
        assertThat(browser.run(
                        "Array.from(document.querySelectorAll('.backends tr')).filter(tr => !tr.hidden)[0].dataset.id"))
                .isEqualTo("b177");
    }

    @Test
    void severalBalancers_areOnOnePage() {
        LoadBalancer other = resources.add(LoadBalancer.builder()
                .name("stock")
                .noHealthCheck()
                .backend(Backend.of("127.0.0.1", first.port()).withId("blue"))
                .start());
        Browser browser = open(1300, 1400, false, AdminServer.builder(lb, other).token(TOKEN));
        await().untilAsserted(() -> assertThat(browser.run("document.title")).isEqualTo("2 balancers – lb4j"));
        enter(browser, TOKEN);
        browser.click("[data-balancer=stock] [data-id=blue] .disable");
        await().untilAsserted(() ->
                assertThat(browser.text("[data-balancer=stock] .count")).isEqualTo("0 of 1 up"));
        assertThat(browser.text("[data-balancer=orders] .count")).isEqualTo("2 of 2 up");
        assertThat(other.backends().get("blue").status()).isEqualTo(BackendStatus.DISABLED);
        browser.screenshot(picture("several"));
    }

    /** An id that is the address is not said twice, and stands on one line. */
    @Test
    void idThatIsTheAddress_isSaidOnce_onOneLine() {
        lb.backends()
                .replaceAll(IntStream.rangeClosed(1, 10)
                        .mapToObj(i -> Backend.of("127.0.0.10" + i % 10, 8081))
                        .toList());
        Browser browser = open(1300, 900, false, AdminServer.builder(lb).token(TOKEN));
        await().untilAsserted(() -> assertThat(browser.text(".count")).contains("of 10 up"));
        enter(browser, TOKEN);
        assertThat(browser.text(".backends td")).isEqualTo("127.0.0.101:8081");
        assertThat(browser.run("Math.max(...Array.from(document.querySelectorAll('.backends .name')).map(name =>"
                        + " name.getClientRects()[0].height)) < 30"))
                .isEqualTo("true");
        assertThat(browser.run("document.documentElement.scrollWidth <= innerWidth"))
                .isEqualTo("true");
    }

    private Browser open(int width, int height, boolean dark, AdminServerBuilder builder) {
        Browser browser = resources.add(Browser.open(width, height, dark));
        AdminServer admin = resources.add(builder.listen("127.0.0.1", 0).start());
        browser.load("http://127.0.0.1:" + admin.port() + "/");
        return browser;
    }
}
