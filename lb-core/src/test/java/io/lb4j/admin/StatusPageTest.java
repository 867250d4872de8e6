package io.lb4j.admin;

import static io.lb4j.admin.PageView.buttons;
import static io.lb4j.admin.PageView.enter;
import static io.lb4j.admin.PageView.picture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.testing.Background;
import io.lb4j.testing.Browser;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page as a person sees and uses it, in a real browser. Pictures of it are left in target/status-page. */
@Timeout(180)
class StatusPageTest {
    private static final String TOKEN = "a-long-token";
    private static final String HOSTILE = "<img/src=x/onerror=\"document.title='hacked'\">";

    @RegisterExtension
    final Resources resources = new Resources();

    private final AtomicBoolean stop = new AtomicBoolean();
    private final TestBackend first = resources.add(TestBackend.saying("1"));
    private final TestBackend second = resources.add(TestBackend.saying("2"));
    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .name("orders")
            .listen("127.0.0.1", 0)
            .healthCheck(check -> check.interval(Duration.ofMillis(100)))
            .backend(Backend.of("127.0.0.1", first.port()).withId("blue"))
            .backend(Backend.of("127.0.0.1", second.port()).withId(HOSTILE))
            .start());

    @AfterEach
    void stopLoad() {
        stop.set(true);
    }

    @Test
    void underLoad_figuresMove_andABackendThatIsKilledTurnsRed() {
        String redis = Program.require("redis-server");
        Program.Server killed = resources.add(Program.startOnFreePort(
                "Ready to accept connections",
                port -> Program.start(redis, "--port", "" + port, "--bind", "127.0.0.1", "--save", "")));
        lb.backends().add(Backend.of("127.0.0.1", killed.port()).withId("redis"));
        load();
        Browser browser = open(1200, 900, false, AdminServer.builder(lb));
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("3 of 3 up"));
        long before = accepted(browser);
        await().untilAsserted(() -> assertThat(accepted(browser)).isGreaterThan(before));
        await().untilAsserted(() -> assertThat(browser.text(".tile-rate")).matches("[\\d,.]*[1-9][\\d,.]*"));
        assertThat(browser.text("[data-id=redis] .pill")).isEqualTo("● UP");

        killed.program().process().destroyForcibly();
        // Ejected if five connects failed before the next check did.
        await().untilAsserted(
                        () -> assertThat(browser.text("[data-id=redis] .pill")).isIn("▼ DOWN", "▲ EJECTED"));
        await().untilAsserted(
                        () -> assertThat(browser.text("[data-id=redis] .why")).contains("Connection refused"));
        assertThat(browser.text(".count")).isEqualTo("2 of 3 up");
        // It changes its colour within a moment.
        await().untilAsserted(() ->
                assertThat(redOf(browser, "[data-id=redis] .pill")).isGreaterThan(0.6));
        browser.screenshot(picture("desktop"));
    }

    @Test
    void buttons_wantTheToken() {
        Browser browser = open(1300, 900, true, AdminServer.builder(lb).token(TOKEN));
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("2 of 2 up"));
        assertThat(buttons(browser, "blue")).isEmpty();

        enter(browser, "not-the-token");
        assertThat(buttons(browser, "blue")).isEqualTo("Drain,Disable,Set weight");
        browser.click("[data-id=blue] .drain");
        await().untilAsserted(() -> assertThat(browser.text("#message")).startsWith("Refused (401)"));
        assertThat(lb.backends().list().get(0).status()).isEqualTo(BackendStatus.UP);

        browser.run("document.getElementById('token').value = ''");
        browser.type("#token", TOKEN);
        browser.click("[data-id=blue] .disable");
        await().untilAsserted(() -> assertThat(browser.text("#message")).isEqualTo("Done."));
        await().untilAsserted(
                        () -> assertThat(browser.text("[data-id=blue] .pill")).isEqualTo("○ DISABLED"));
        assertThat(lb.backends().list().get(0).status()).isEqualTo(BackendStatus.DISABLED);
        await().untilAsserted(() -> assertThat(buttons(browser, "blue")).isEqualTo("Enable,Set weight"));
        await().untilAsserted(() -> assertThat(browser.text(".events"))
                .contains("operator", "blue", "disable")
                .contains("(was UP for "));
        browser.screenshot(picture("operating-dark"));
    }

    /** E14: one that leaves is there, is not counted among those that serve, and can be made to leave sooner. */
    @Test
    void leavingBackend_isShownUntilItsConnectionsHaveEnded() {
        TestBackend holding = resources.add(TestBackend.echoing());
        lb.backends().replaceAll(List.of(Backend.of("127.0.0.1", holding.port()).withId("old")));
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("x").receiveText(1)).isEqualTo("x");
        lb.backends().replaceAll(List.of(Backend.of("127.0.0.1", first.port()).withId("blue")));
        Browser browser = open(1200, 900, false, AdminServer.builder(lb).token(TOKEN));
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("1 of 1 up"));
        assertThat(browser.text("[data-id=old] .pill")).isEqualTo("◌ LEAVING");
        enter(browser, TOKEN);
        assertThat(buttons(browser, "old")).isEqualTo("Drain");
        client.fin().receiveToEnd();
        await().untilAsserted(() -> assertThat(browser.run("document.querySelectorAll('[data-id=old]').length"))
                .isEqualTo("0"));
    }

    @Test
    void withoutAToken_thereAreNoButtons() {
        Browser browser = open(1200, 900, false, AdminServer.builder(lb));
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("2 of 2 up"));
        assertThat(browser.run("Array.from(document.querySelectorAll('.acts button, .acts input, #token')).filter(it =>"
                        + " it.offsetParent !== null).length"))
                .isEqualTo("0");
    }

    @Test
    void hostileId_isText() {
        Browser browser = open(1200, 900, false, AdminServer.builder(lb).token(TOKEN));
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("2 of 2 up"));
        assertThat(browser.text(".backends tr:nth-child(2) .name")).isEqualTo(HOSTILE);
        assertThat(browser.run("document.images.length")).isEqualTo("0");
        assertThat(browser.run("document.title")).isEqualTo("orders – lb4j");
        enter(browser, TOKEN);
        browser.type(".backends tr:nth-child(2) .weight", "5");
        browser.click(".backends tr:nth-child(2) .disable");
        await().untilAsserted(
                        () -> assertThat(lb.backends().list().get(1).status()).isEqualTo(BackendStatus.DISABLED));
    }

    @Test
    void onAPhone_nothingIsWiderThanTheScreen() {
        load();
        Browser browser = open(390, 844, false, AdminServer.builder(lb).token(TOKEN));
        await().untilAsserted(() -> assertThat(browser.text(".count")).isEqualTo("2 of 2 up"));
        long before = accepted(browser);
        await().untilAsserted(() -> assertThat(accepted(browser)).isGreaterThan(before));
        browser.screenshot(picture("phone"));
        assertThat(
                        browser.run(
                                "Array.from(document.querySelectorAll('body *')).filter(it =>"
                                        + " it.checkVisibility() && it.getBoundingClientRect().right > 390).map(it => it.tagName + '.' + it.className).join()"))
                .isEmpty();
        assertThat(browser.run("innerWidth")).isEqualTo("390");
        assertThat(Integer.parseInt(browser.run("document.documentElement.scrollWidth")))
                .isLessThanOrEqualTo(390);
    }

    private Browser open(int width, int height, boolean dark, AdminServerBuilder builder) {
        Browser browser = resources.add(Browser.open(width, height, dark));
        AdminServer admin = resources.add(builder.listen("127.0.0.1", 0).start());
        browser.load("http://127.0.0.1:" + admin.port() + "/");
        return browser;
    }

    /** One connection after another. */
    private void load() {
        Background.run(() -> {
            while (!stop.get()) {
                try (Peer client = Peer.connect(lb.port())) {
                    client.fin().receiveToEnd();
                }
            }
        });
    }

    private static long accepted(Browser browser) {
        return Long.parseLong(browser.text(".tile-rate + p").replaceAll("\\D", ""));
    }

    /** How much of the colour of a text is red, 0..1. */
    private static double redOf(Browser browser, String selector) {
        String[] rgb = browser.run("getComputedStyle(document.querySelector('" + selector + "')).color")
                .replaceAll("[^\\d,]", "")
                .split(",");
        double red = Integer.parseInt(rgb[0]);
        return red / (red + Integer.parseInt(rgb[1]) + Integer.parseInt(rgb[2]));
    }
}
