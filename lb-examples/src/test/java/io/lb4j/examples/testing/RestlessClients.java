package io.lb4j.examples.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A program: backends that answer every connection with their own port, and clients, each with an address of its own, that
 * connect to one address again and again. What each of them meets is one line: when, by {@code System.nanoTime()}, which
 * client, and the answer; with {@code again} before it when only a second attempt was answered, and {@code lost} when that
 * was not answered either, each with the reason. Usage: OWN-ADDRESS BACKENDS ADDRESS PORT CLIENT-ADDRESS...
 */
public final class RestlessClients {
    /** Longer than the second until a SYN is sent again. */
    private static final int PATIENCE_MILLIS = 2000;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(40);

    private RestlessClients() {}

    public static void main(String[] args) throws IOException {
        StringBuilder backends = new StringBuilder("backends");
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            ServerSocket backend = new ServerSocket();
            backend.bind(new InetSocketAddress(args[0], 0));
            new Thread(() -> serve(backend), "backend").start();
            backends.append(' ').append(args[0]).append(':').append(backend.getLocalPort());
        }
        System.out.println(backends);
        InetSocketAddress address = new InetSocketAddress(args[2], Integer.parseInt(args[3]));
        for (String client : List.of(args).subList(4, args.length)) {
            new Thread(() -> connectOnAndOn(client, address), "client").start();
        }
    }

    private static void serve(ServerSocket backend) {
        byte[] answer = (backend.getLocalPort() + "\n").getBytes(StandardCharsets.US_ASCII);
        while (true) {
            try (Socket connection = backend.accept()) {
                connection.getOutputStream().write(answer);
                // To the end of what the client says: nothing.
                connection.shutdownOutput();
                connection.setSoTimeout(PATIENCE_MILLIS);
                connection.getInputStream().readAllBytes();
            } catch (IOException theirs) {
                // The client says what it met.
            }
        }
    }

    private static void connectOnAndOn(String client, InetSocketAddress address) {
        while (true) {
            String met = meet(client, address);
            System.out.println(System.nanoTime() + " " + client + " " + met);
            LockSupport.parkNanos(PAUSE);
        }
    }

    private static String meet(String client, InetSocketAddress address) {
        try {
            return ask(client, address);
        } catch (IOException first) {
            try {
                return "again " + ask(client, address) + " (" + first.getMessage() + ")";
            } catch (IOException second) {
                return "lost (" + first.getMessage() + ", " + second.getMessage() + ")";
            }
        }
    }

    private static String ask(String client, InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(client, 0));
            socket.connect(address, PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
            if (answer.isEmpty()) {
                throw new IOException("no answer");
            }
            return answer;
        }
    }
}
