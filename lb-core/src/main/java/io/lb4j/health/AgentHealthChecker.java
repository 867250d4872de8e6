package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks the program beside a backend, and takes its line for the backend's own word. */
final class AgentHealthChecker implements HealthChecker {
    private static final int LONGEST_LINE = 1024;
    private static final Pattern WORD = Pattern.compile("[^\\s,]+");
    private static final Pattern PERCENT = Pattern.compile("(\\d{1,9})%");

    private final int port;
    private final byte[] question;

    AgentHealthChecker(int port, byte[] question) {
        this.port = Checks.range("agent port", port, 1, 65_535);
        if (question.length > Exchange.LIMIT) {
            throw new IllegalArgumentException(
                    "question: " + question.length + " bytes (expected: at most " + Exchange.LIMIT + ")");
        }
        this.question = question;
    }

    @Override
    public void check(Backend backend, Duration timeout) throws IOException {
        ask(backend, timeout);
    }

    @Override
    public CheckAnswer ask(Backend backend, Duration timeout) throws IOException {
        try (Exchange exchange = CheckDial.connect(Backend.of(backend.host(), port), timeout)) {
            if (question.length > 0) {
                exchange.send(question, question.length);
            }
            return answer(line(exchange));
        }
    }

    /** Up to the line's end, or the stream's. */
    private static String line(Exchange exchange) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = exchange.read(); b != '\n' && b >= 0; b = exchange.read()) {
            if (line.size() == LONGEST_LINE) {
                throw new IOException("agent: no line end within " + LONGEST_LINE + " bytes: " + exchange.beginning());
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    static CheckAnswer answer(String line) throws IOException {
        String told = line.replaceFirst("#.*", "");
        Matcher words = WORD.matcher(told);
        boolean hasSaid = false;
        boolean draining = false;
        int percent = CheckAnswer.HEALTHY.weightPercent();
        while (words.find()) {
            String word = words.group().toLowerCase(Locale.ROOT);
            Matcher number = PERCENT.matcher(word);
            if (number.matches()) {
                percent = Math.min(Integer.parseInt(number.group(1)), CheckAnswer.HEALTHY.weightPercent());
            } else if (!word.startsWith("maxconn:")) {
                draining = switch (word) {
                    case "up" -> draining;
                    case "ready" -> false;
                    case "drain", "maint" -> true;
                    case "down", "stopped", "fail" -> throw new IOException(down(word, line.substring(words.end())));
                    default -> throw new IOException("agent: unknown word in " + Answer.quoted(line));
                };
            }
            hasSaid = true;
        }
        if (!hasSaid) {
            throw new IOException("agent: nothing said in " + Answer.quoted(line));
        }
        return new CheckAnswer(percent, draining);
    }

    private static String down(String word, String rest) {
        String reason = rest.strip().replaceFirst("^#\\s*", "");
        return "agent: " + word + (reason.isEmpty() ? "" : " " + Answer.quoted(reason));
    }

    @Override
    public String toString() {
        return "agent " + port;
    }
}
