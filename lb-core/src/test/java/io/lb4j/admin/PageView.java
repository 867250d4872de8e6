package io.lb4j.admin;

import io.lb4j.testing.Browser;
import java.nio.file.Path;

/** What tests do with the page, and see on it. */
final class PageView {
    private PageView() {}

    static void enter(Browser browser, String token) {
        browser.click("#operate summary");
        browser.type("#token", token);
    }

    /** The buttons of a backend that are to be seen. */
    static String buttons(Browser browser, String id) {
        return browser.run("Array.from(document.querySelectorAll('[data-id=" + id + "] button')).filter(it =>"
                + " it.offsetParent !== null).map(it => it.textContent).join()");
    }

    static String rows(Browser browser) {
        return browser.run("Array.from(document.querySelectorAll('.backends tr')).filter(tr => !tr.hidden).length");
    }

    /** How many points the first line has. */
    static long points(Browser browser) {
        String points = browser.run("document.querySelector('.spark .line')?.getAttribute('points') ?? ''");
        return points.isEmpty() ? 0 : points.split(" ").length;
    }

    static Path picture(String name) {
        return Path.of("target", "status-page", name + ".png");
    }
}
