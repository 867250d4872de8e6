package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real s_client of openssl at a port of 127.0.0.1. */
public final class OpenSslClient {
    /** By which a client is told why he does not get in (RFC 8446, 6). */
    public enum Alert {
        HANDSHAKE_FAILURE(40),
        BAD_CERTIFICATE(42),
        CERTIFICATE_EXPIRED(45),
        CERTIFICATE_UNKNOWN(46),
        UNKNOWN_CA(48),
        PROTOCOL_VERSION(70),
        UNRECOGNIZED_NAME(112),
        CERTIFICATE_REQUIRED(116),
        NO_APPLICATION_PROTOCOL(120);

        private final int number;

        Alert(int number) {
            this.number = number;
        }
    }

    private static final Pattern TOLD = Pattern.compile("SSL alert number (\\d+)");

    private OpenSslClient() {}

    /** The one that he was told; fails if it was none. */
    public static Alert alert(Program.Outcome outcome) {
        Matcher told = TOLD.matcher(outcome.output());
        assertThat(told.find()).as(outcome.output()).isTrue();
        int number = Integer.parseInt(told.group(1));
        return Arrays.stream(Alert.values())
                .filter(each -> each.number == number)
                .findFirst()
                .orElseThrow();
    }

    /**
     * Says this, and hears everything that is answered.
     *
     * @param options as on a command line
     */
    public static Program.Outcome ask(int port, String question, String options) {
        try (Program client = start(port, options)) {
            client.say(question);
            return client.outcome();
        }
    }

    /** One who says what he is told to say, and ends when the other side does. */
    public static Program start(int port, String options) {
        return Program.start(command(port, "-ign_eof " + options));
    }

    /** One to whom a line of one letter is a command: {@code K} for new keys, {@code R} to negotiate again. */
    public static Program startCommanded(int port, String options) {
        return Program.start(command(port, options));
    }

    /** One who writes to a file what he hears, and how it ended. */
    public static Program startInto(Path file, int port, String options) {
        List<String> all = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" >" + file, "sh"));
        all.addAll(List.of(command(port, "-ign_eof " + options)));
        return Program.start(all.toArray(String[]::new));
    }

    private static String[] command(int port, String options) {
        List<String> command = new ArrayList<>(List.of(Certificate.openssl(), "s_client"));
        command.addAll(List.of("-connect", "127.0.0.1:" + port));
        command.addAll(List.of(options.trim().split("\\s+")));
        return command.toArray(String[]::new);
    }
}
