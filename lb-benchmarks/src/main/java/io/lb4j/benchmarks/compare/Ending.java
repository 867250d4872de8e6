package io.lb4j.benchmarks.compare;

/** How a backend ends, when it has sent everything. */
enum Ending {
    FIN("plain FIN"),
    RST("plain RST"),
    /** Its process is, while it has not read everything yet: the kernel resets the connection then. */
    KILLED("plain, kill -9"),
    CLOSE_NOTIFY("TLS close_notify, FIN"),
    /** What a stream looks like that was cut off on its way, or whose backend has died. */
    TLS_FIN("TLS, FIN only"),
    TLS_RST("TLS, RST");

    private final String text;

    Ending(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    boolean isTls() {
        return this == CLOSE_NOTIFY || this == TLS_FIN || this == TLS_RST;
    }
}
