package io.lb4j.benchmarks.load;

import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the clients do in one run, each as fast as it is answered.
 *
 * @param key its name on the command line and in the CSV
 * @param title what it is, for people
 * @param connections open at a time
 * @param size bytes of a request and of its response; 0 for streams
 * @param warmUpCount how many are needed until a JVM has compiled what they run through: requests, connections, or bytes
 */
public record Work(String key, String title, Kind kind, int connections, int size, long warmUpCount) {
    private static final int SMALL = 100;
    private static final int LARGE = 4096;
    private static final long GB = 1_000_000_000;
    private static final long MIB = 1 << 20;
    private static final String TLS = "-tls";

    /** What is counted. */
    public enum Kind {
        REQUESTS("request", 5_000),
        SHORT("connection", 1_000),
        PROXIED("connection", 1_000, "-proxied"),
        HELLO("connection", 1_000, "-sni"),
        STREAMS("GB", 256 * MIB),
        TLS_FULL("connection", 1_000, TLS),
        TLS_RESUMED("connection", 1_000, TLS),
        TLS_REQUESTS("request", 5_000, TLS),
        TLS_DOWNLOAD("GB", 256 * MIB, TLS);

        private final String unit;
        private final long tracedCount;
        private final String setup;

        Kind(String unit, long tracedCount) {
            this(unit, tracedCount, "");
        }

        Kind(String unit, long tracedCount, String setup) {
            this.unit = unit;
            this.tracedCount = tracedCount;
            this.setup = setup;
        }
    }

    /** Small requests on so many connections that a proxy is busy all the time: what other works are built on. */
    public static final Work BUSY = requests(64, SMALL);

    /** The same with TLS. */
    public static final Work TLS_BUSY = new Work(
            "tls-requests",
            "64 B request, 64 B response, on 64 kept connections of TLS 1.3",
            Kind.TLS_REQUESTS,
            64,
            64,
            50_000);

    public static final List<Work> ALL = List.of(
            requests(1, SMALL),
            BUSY,
            requests(1000, SMALL),
            requests(1, LARGE),
            requests(64, LARGE),
            requests(1000, LARGE),
            new Work("short", "connect, 64 B each way, close; 16 connections at a time", Kind.SHORT, 16, 64, 20_000),
            new Work(
                    "short-proxied",
                    "as short, a PROXY header of version 2 first; the proxy takes it and sends another",
                    Kind.PROXIED,
                    16,
                    64,
                    20_000),
            new Work(
                    "short-hello",
                    "as short, the request is the end of a ClientHello of 517 B; the proxy goes by its SNI",
                    Kind.HELLO,
                    16,
                    64,
                    20_000),
            streams(1),
            streams(8),
            streams(64),
            new Work(
                    "limited",
                    "1,000 long streams from client to backend, each held to 1 MiB/s",
                    Kind.STREAMS,
                    1000,
                    0,
                    GB),
            new Work(
                    "tls-full",
                    "connect, a full handshake of TLS 1.3, 64 B each way, close; 16 connections at a time",
                    Kind.TLS_FULL,
                    16,
                    64,
                    20_000),
            new Work(
                    "tls-resumed",
                    "as tls-full, each client goes on with the session of its connection before",
                    Kind.TLS_RESUMED,
                    16,
                    64,
                    20_000),
            TLS_BUSY,
            new Work(
                    "tls-download",
                    "8 long streams from backend to client, to whom they are encrypted",
                    Kind.TLS_DOWNLOAD,
                    8,
                    0,
                    8 * GB));

    private static Work requests(int connections, int size) {
        String bytes = size == SMALL ? "100 B" : "4 KiB";
        String title = bytes + " request, " + bytes + " response, on " + kept(connections);
        String key = "requests-" + connections + (size == SMALL ? "" : "-4k");
        return new Work(key, title, Kind.REQUESTS, connections, size, 50_000);
    }

    private static String kept(int connections) {
        return connections == 1 ? "one kept connection" : "%,d kept connections".formatted(connections);
    }

    private static Work streams(int connections) {
        String title = connections + " long stream" + (connections == 1 ? "" : "s") + " from client to backend";
        return new Work("streams-" + connections, title, Kind.STREAMS, connections, 0, 2 * GB);
    }

    /** The same under another name, for where it is done in other circumstances. */
    public Work as(String key, String circumstances) {
        return new Work(key, title + ", " + circumstances, kind, connections, size, warmUpCount);
    }

    /** What is counted, as people read it. */
    public String unit() {
        return kind.unit;
    }

    /** What the names of those end with that are set up for this work, and for no other; nothing where the usual ones do it. */
    public String setup() {
        return kind.setup;
    }

    /** Whether a proxy of this name does it. */
    public boolean isFor(String program) {
        return Stream.of(Kind.values())
                .map(other -> other.setup)
                .filter(setup -> !setup.isEmpty() && program.endsWith(setup))
                .findFirst()
                .orElse("")
                .equals(kind.setup);
    }

    boolean isStreams() {
        return kind == Kind.STREAMS || kind == Kind.TLS_DOWNLOAD;
    }

    /** Whether it is for the handshakes of TLS. */
    public boolean isHandshakes() {
        return kind == Kind.TLS_FULL || kind == Kind.TLS_RESUMED;
    }

    /** Whether clients do TLS, and backends do not. */
    public boolean isTls() {
        return kind.setup.equals(TLS);
    }

    /** What one unit is counted in: bytes for a GB, else itself. */
    public double countsPerUnit() {
        return isStreams() ? GB : 1;
    }

    /** The figure people know, from CPU nanoseconds per count: microseconds per request, seconds per GB. */
    public double cpuPerUnit(double nanosPerCount) {
        return isStreams() ? nanosPerCount : nanosPerCount / 1e3;
    }

    public String cpuUnit() {
        return (isStreams() ? "s" : "µs") + "/" + unit();
    }

    /** What system calls are counted for: a MiB of a stream is some dozens of them at most, as a request is. */
    public String callsUnit() {
        return isStreams() ? "MiB" : unit();
    }

    /** What one of these is counted in: bytes for a MiB, else itself. */
    public double countsPerCallsUnit() {
        return isStreams() ? MIB : 1;
    }

    /**
     * How many are enough to count system calls: requests, connections, or bytes. Few, since a call of a traced process
     * takes many times as long; enough for what is under way at either end not to matter.
     */
    public long tracedCount() {
        return kind.tracedCount;
    }

    /** A client of this work that has yet to be started. */
    Client client(LoadLoop loop) {
        return switch (kind) {
            case REQUESTS -> new RequestClient(loop, size);
            case SHORT -> new ShortClient(loop, size);
            case PROXIED -> new OpeningClient(loop, size, Opening.PROXY_HEADER);
            case HELLO -> new OpeningClient(loop, size, Opening.CLIENT_HELLO);
            case STREAMS -> new StreamClient(loop);
            case TLS_FULL -> new ShortClient(loop, size).over(loop.tls().client(false));
            case TLS_RESUMED -> new ShortClient(loop, size).over(loop.tls().client(true));
            case TLS_REQUESTS -> new RequestClient(loop, size).over(loop.tls().client(false));
            case TLS_DOWNLOAD -> new DownloadClient(loop).over(loop.tls().client(false));
        };
    }

    /** A backend's end of a connection of this work. */
    Accepted accepted(LoadLoop loop, SocketChannel channel) {
        return switch (kind) {
            case REQUESTS, SHORT, TLS_FULL, TLS_RESUMED, TLS_REQUESTS -> new Echo(loop, channel);
            case PROXIED -> new OpenedEcho(loop, channel, Opening.PROXY_HEADER);
            case HELLO -> new OpenedEcho(loop, channel, Opening.CLIENT_HELLO);
            case STREAMS -> new Sink(loop, channel);
            case TLS_DOWNLOAD -> new Source(loop, channel);
        };
    }
}
