package io.lb4j.health;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The answer to one HTTP/1.1 request, read as far as a check needs it. */
final class HttpAnswer {
    private static final String VERSION = "HTTP/1.";
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[0-9] ([1-9][0-9]{2})(?: .*)?");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Pattern CHUNK = Pattern.compile("([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?");
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Exchange exchange;
    private int status;
    private boolean chunked;

    /** What is left of the body, or of the current chunk; a body without a length goes on until the end of the stream. */
    private long left;

    private boolean endless;
    private boolean firstChunk = true;

    private HttpAnswer(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Reads the status line and the headers, those of answers in between (100 Continue, 103 Early Hints) too. */
    static HttpAnswer read(Exchange exchange) throws IOException {
        HttpAnswer answer = new HttpAnswer(exchange);
        do {
            answer.readHead();
        } while (answer.status < 200 && answer.status != SWITCHING_PROTOCOLS);
        return answer;
    }

    int status() {
        return status;
    }

    private void readHead() throws IOException {
        Matcher line = STATUS_LINE.matcher(readLine(VERSION));
        if (!line.matches()) {
            throw notHttp();
        }
        status = Integer.parseInt(line.group(1));
        chunked = false;
        left = 0;
        endless = true;
        for (String header = readLine(""); !header.isEmpty(); header = readLine("")) {
            int colon = header.indexOf(':');
            if (colon > 0) {
                take(
                        header.substring(0, colon).toLowerCase(Locale.ROOT),
                        header.substring(colon + 1).strip());
            }
        }
        boolean bodiless = status == 204 || status == 304;
        chunked &= !bodiless;
        endless &= !bodiless;
        left = chunked || bodiless ? 0 : left;
    }

    private void take(String name, String value) {
        if (name.equals("transfer-encoding")) {
            chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
        } else if (name.equals("content-length") && LENGTH.matcher(value).matches()) {
            left = Long.parseLong(value);
            endless = false;
        }
    }

    /** A line without its end. Fails at the first byte that is not of the beginning that it has to have. */
    private String readLine(String start) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = readByte(); b != '\n'; b = readByte()) {
            if (line.length() < start.length() && b != start.charAt(line.length())) {
                throw notHttp();
            }
            line.append((char) b);
        }
        int last = line.length() - 1;
        return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
    }

    private int readByte() throws IOException {
        int b = exchange.read();
        if (b < 0) {
            throw exchange.ended();
        }
        return b;
    }

    private IOException notHttp() {
        return new IOException("not HTTP: " + exchange.beginning());
    }

    /** Reads the body until it holds this text; fails when it does not. */
    void expectBody(String text) throws IOException {
        ByteSearch search = new ByteSearch(text.getBytes(StandardCharsets.UTF_8));
        Excerpt body = new Excerpt();
        while (!exchange.isFull()) {
            int b = readBody();
            if (b < 0) {
                throw new IOException("expected " + quoted(text) + " in the body, got " + body);
            }
            body.add((byte) b);
            if (search.add((byte) b)) {
                return;
            }
        }
        throw new IOException("expected " + quoted(text) + " in the body, not in the first " + Exchange.LIMIT
                + " bytes of the answer: " + body);
    }

    private static String quoted(String text) {
        return Excerpt.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The next byte of the body, or -1 behind its last. */
    private int readBody() throws IOException {
        if (chunked) {
            if (left == 0 && !nextChunk()) {
                return -1;
            }
        } else if (endless) {
            return exchange.read();
        } else if (left == 0) {
            return -1;
        }
        left--;
        return readByte();
    }

    /** Reads on to the next chunk; false when the last one, of length 0, has come. */
    private boolean nextChunk() throws IOException {
        String endOfLast = firstChunk ? "" : readLine("");
        firstChunk = false;
        String line = readLine("");
        Matcher size = CHUNK.matcher(line);
        if (!endOfLast.isEmpty() || !size.matches()) {
            throw new IOException(
                    "not the length of a chunk: " + Excerpt.of(line.getBytes(StandardCharsets.ISO_8859_1)));
        }
        left = Long.parseLong(size.group(1), 16);
        return left > 0;
    }
}
