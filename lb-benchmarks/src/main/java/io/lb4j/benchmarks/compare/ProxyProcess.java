package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A proxy that runs as a process of its own. */
final class ProxyProcess implements Running {
    private static final long START_WITHIN = TimeUnit.SECONDS.toNanos(10);

    private final Process process;
    private final int port;

    ProxyProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts a program that listens on {@code port}, and waits until it does. */
    static ProxyProcess start(List<String> command, int port, Path log) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        process.getOutputStream().close();
        try {
            awaitListening(process, port);
            return new ProxyProcess(process, port);
        } catch (IOException failure) {
            process.destroyForcibly();
            throw new IOException(
                    failure.getMessage() + ": " + String.join(" ", command) + "\n" + Files.readString(log));
        }
    }

    private static void awaitListening(Process process, int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_WITHIN;
        while (!isListening(port)) {
            if (process.waitFor(10, TimeUnit.MILLISECONDS)) {
                throw new IOException("ended with " + process.exitValue());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("does not listen on " + port);
            }
        }
    }

    private static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public List<Integer> ports() {
        return List.of(port);
    }

    /** Asked for anew each time: nginx listens before it has a worker. */
    @Override
    public List<Long> pids() {
        return Stream.concat(Stream.of(process.pid()), process.descendants().map(ProcessHandle::pid))
                .toList();
    }

    /** Ends what was started, politely first: the one who was started ends its own children. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(3, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
