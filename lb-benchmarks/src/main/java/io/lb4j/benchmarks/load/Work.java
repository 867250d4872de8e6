package io.lb4j.benchmarks.load;

/** What the clients do in one run. */
public enum Work {
    REQUESTS("requests", "64 B request, 64 B response, on 50 kept connections", "request", 50, 64, 100_000),
    REQUESTS_4K("requests-4k", "4 KiB request, 4 KiB response, on 50 kept connections", "request", 50, 4096, 50_000),
    SHORT("short", "connect, 64 B each way, close; 16 connections at a time", "connection", 16, 64, 20_000),
    STREAMS("streams", "4 long streams from client to backend", "GB", 4, 0, 4_000_000_000L);

    private final String key;
    private final String title;
    private final String unit;
    private final int connections;
    private final int size;
    private final long warmUpCount;

    Work(String key, String title, String unit, int connections, int size, long warmUpCount) {
        this.key = key;
        this.title = title;
        this.unit = unit;
        this.connections = connections;
        this.size = size;
        this.warmUpCount = warmUpCount;
    }

    /** Its name on the command line and in the CSV. */
    public String key() {
        return key;
    }

    public String title() {
        return title;
    }

    /** What is counted, as people read it. */
    public String unit() {
        return unit;
    }

    /** Connections open at a time. */
    public int connections() {
        return connections;
    }

    /** Bytes of a request and of its response; 0 for streams. */
    int size() {
        return size;
    }

    /** How many are needed until a JVM has compiled what they run through: requests, connections, or bytes. */
    public long warmUpCount() {
        return warmUpCount;
    }

    /** What one unit is counted in: bytes for a GB, else itself. */
    public double countsPerUnit() {
        return this == STREAMS ? 1e9 : 1;
    }

    /** The figure people know, from CPU nanoseconds per count: microseconds per request, seconds per GB. */
    public double cpuPerUnit(double nanosPerCount) {
        return this == STREAMS ? nanosPerCount : nanosPerCount / 1e3;
    }

    public String cpuUnit() {
        return (this == STREAMS ? "s" : "µs") + "/" + unit;
    }

    /** A client of this work that has yet to be started. */
    Client client(LoadLoop loop) {
        return switch (this) {
            case REQUESTS, REQUESTS_4K -> new RequestClient(loop, size);
            case SHORT -> new ShortClient(loop, size);
            case STREAMS -> new StreamClient(loop);
        };
    }
}
