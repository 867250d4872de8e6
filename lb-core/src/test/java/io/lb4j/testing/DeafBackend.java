package io.lb4j.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A backend that is a process of its own: accepts, never reads, and can be killed. */
public final class DeafBackend {
    private static final Pattern PORT = Pattern.compile("port (\\d+)");

    private DeafBackend() {}

    /** Starts it. */
    public static Program start() throws Exception {
        Path classes = Path.of(DeafBackend.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return Program.start(
                java.toString(), "-XX:TieredStopAtLevel=1", "-cp", classes.toString(), DeafBackend.class.getName());
    }

    /** Waits until it listens. */
    public static int portOf(Program deaf) {
        await().until(() -> PORT.matcher(deaf.output()).find());
        Matcher port = PORT.matcher(deaf.output());
        return port.find() ? Integer.parseInt(port.group(1)) : -1;
    }

    public static void main(String[] arguments) throws IOException {
        List<Socket> held = new ArrayList<>();
        try (ServerSocket listener = new ServerSocket()) {
            listener.setReceiveBufferSize(8192);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            System.out.println("port " + listener.getLocalPort());
            while (true) {
                held.add(listener.accept());
            }
        }
    }
}
