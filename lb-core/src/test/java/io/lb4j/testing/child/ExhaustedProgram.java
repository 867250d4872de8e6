package io.lb4j.testing.child;

import io.lb4j.proxy.TcpProxy;
import io.lb4j.testing.Insides;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A proxy whose heap is exhausted for a while. Argument: the port of the backend. Answers {@code exhaust} when there is no
 * heap any more, and again, at the next line, when it is back; anything else with how many connections there are, how many
 * directions wait for their receiver, and how many bytes are held.
 */
public final class ExhaustedProgram {
    private ExhaustedProgram() {}

    public static void main(String[] arguments) throws IOException {
        TcpProxy proxy = TcpProxy.builder()
                .eventLoops(1)
                .to("127.0.0.1", Integer.parseInt(arguments[0]))
                .start();
        Hunger hunger = new Hunger(0, 0);
        System.out.println("port " + proxy.port());
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            if (line.equals("exhaust")) {
                exhaust(hunger);
            } else {
                System.out.println(state(proxy));
            }
        }
    }

    private static String state(TcpProxy proxy) {
        var stats = proxy.stats();
        return "active " + stats.active() + " paused " + (stats.pauses() - stats.resumes()) + " held "
                + Insides.bytesHeld(proxy);
    }

    private static void exhaust(Hunger hunger) {
        OutputStream output = new FileOutputStream(FileDescriptor.out);
        byte[] exhausted = "exhausted\n".getBytes(StandardCharsets.UTF_8);
        boolean[] hasSaidSo = new boolean[1];
        hunger.starve(() -> {
            try {
                if (!hasSaidSo[0]) {
                    hasSaidSo[0] = true;
                    output.write(exhausted);
                }
                return System.in.available() > 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
