package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Chromium without a screen, driven by ChromeDriver through the few commands of the W3C's WebDriver that the tests need
 * (w3.org/TR/webdriver2). A test is skipped where one of the programs is missing.
 */
public final class Browser implements AutoCloseable {
    private static final Pattern STRING = Pattern.compile("\"value\":\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"");
    private static final Pattern ELEMENT = Pattern.compile("\"element-[-0-9a-f]+\":\"([^\"]+)\"");
    private static final Pattern SESSION = Pattern.compile("\"sessionId\":\"([^\"]+)\"");
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

    /** It asks nobody for anything but the pages it is told to open. */
    private static final String QUIET = "\"--headless\",\"--no-sandbox\",\"--disable-gpu\",\"--disable-dev-shm-usage\","
            + "\"--no-first-run\",\"--disable-background-networking\",\"--disable-component-update\",\"--disable-sync\","
            + "\"--disable-quic\",\"--no-proxy-server\",\"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1\"";

    private final Program driver;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String session;

    private Browser(Program driver, String options) {
        this.driver = driver;
        try {
            session = begin(options);
        } catch (Throwable failure) {
            driver.close();
            throw failure;
        }
    }

    private String begin(String options) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> STARTED.matcher(driver.output()).find());
        String sessions = "http://127.0.0.1:" + found(STARTED, driver.output()) + "/session";
        String answer = send("POST", sessions, """
                {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {%s}}}}""".formatted(options));
        return sessions + "/" + found(SESSION, answer);
    }

    /** A window of this size in pixels of CSS, for people who like it light or dark. */
    public static Browser open(int width, int height, boolean dark) {
        Program.require("chromium");
        String scheme = dark ? ",\"--force-dark-mode\"" : "";
        return new Browser(Program.start(Program.require("chromedriver"), "--port=0"), """
                "args": [%s%s],
                "mobileEmulation": {"deviceMetrics": {"width": %d, "height": %d, "pixelRatio": 1, "mobile": true}}\
                """.formatted(
                        QUIET, scheme, width, height));
    }

    /** One that believes this certificate, too. */
    public static Browser openTrusting(X509Certificate certificate) {
        Program.require("chromium");
        String trusted = "--ignore-certificate-errors-spki-list="
                + Base64.getEncoder()
                        .encodeToString(sha256(certificate.getPublicKey().getEncoded()));
        return new Browser(
                Program.start(Program.require("chromedriver"), "--port=0"),
                "\"args\": [" + QUIET + "," + quoted(trusted) + "]");
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public void load(String url) {
        command("/url", "{\"url\": " + quoted(url) + "}");
    }

    /** What a script returns, as text. */
    public String run(String script) {
        return string(command(
                "/execute/sync", "{\"args\": [], \"script\": " + quoted("return String(" + script + ")") + "}"));
    }

    /** The text of the first element that a selector of CSS finds, as it is shown. */
    public String text(String selector) {
        return string(send("GET", session + "/element/" + element(selector) + "/text", null));
    }

    public void click(String selector) {
        command("/element/" + element(selector) + "/click", "{}");
    }

    public void type(String selector, String text) {
        command("/element/" + element(selector) + "/value", "{\"text\": " + quoted(text) + "}");
    }

    public void screenshot(Path file) {
        byte[] image = Base64.getDecoder().decode(string(send("GET", session + "/screenshot", null)));
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try (driver) {
            send("DELETE", session, null);
        }
    }

    private String element(String selector) {
        return found(
                ELEMENT, command("/element", "{\"using\": \"css selector\", \"value\": " + quoted(selector) + "}"));
    }

    private String command(String path, String body) {
        return send("POST", session + path, body);
    }

    private String send(String method, String url, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(60))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String found(Pattern pattern, String answer) {
        Matcher matcher = pattern.matcher(answer);
        assertThat(matcher.find()).as(answer).isTrue();
        return matcher.group(1);
    }

    private static String string(String answer) {
        Matcher escape = Pattern.compile("\\\\(u[0-9a-fA-F]{4}|.)").matcher(found(STRING, answer));
        return escape.replaceAll(match -> Matcher.quoteReplacement(unescaped(match.group(1))));
    }

    private static String unescaped(String escape) {
        return switch (escape.charAt(0)) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'u' -> String.valueOf((char) Integer.parseInt(escape.substring(1), 16));
            default -> escape;
        };
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
