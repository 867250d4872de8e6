package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntFunction;

/** A real HAProxy on a port of 127.0.0.1 that prints its log. */
public final class HaProxy {
    private HaProxy() {}

    /**
     * Starts one; skips the test where there is none.
     *
     * @param sections what it does on that port: proxies, of TCP unless they say otherwise
     */
    public static Program.Server start(Path folder, IntFunction<String> sections) {
        String haproxy = Program.require("haproxy", "/usr/sbin");
        return Program.startOnFreePort(
                port -> Program.start(haproxy, "-db", "-f", write(folder, sections.apply(port))),
                (program, port) -> KernelSockets.isListening(port));
    }

    private static String write(Path folder, String sections) {
        try {
            Path file = Files.createTempFile(folder, "haproxy", ".cfg");
            return Files.writeString(file, """
                            global
                              log stdout format raw local0
                            defaults
                              mode tcp
                              timeout connect 5s
                              timeout client 1m
                              timeout server 1m
                            %s
                            """.formatted(sections)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
