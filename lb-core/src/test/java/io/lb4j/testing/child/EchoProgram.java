package io.lb4j.testing.child;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Sends back what it is sent, and then its end, until somebody kills it. Argument: its port. Prints a line when it listens. */
public final class EchoProgram {
    private EchoProgram() {}

    public static void main(String[] arguments) throws IOException {
        try (ServerSocket server =
                new ServerSocket(Integer.parseInt(arguments[0]), 1000, InetAddress.getLoopbackAddress())) {
            System.out.println("listening");
            while (true) {
                Socket client = server.accept();
                Thread thread = new Thread(() -> echo(client));
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private static void echo(Socket client) {
        byte[] buffer = new byte[64 * 1024];
        try (client;
                InputStream in = client.getInputStream();
                OutputStream out = client.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } catch (IOException gone) {
            // So is this connection.
        }
    }
}
