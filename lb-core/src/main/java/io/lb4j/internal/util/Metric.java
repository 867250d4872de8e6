package io.lb4j.internal.util;

/** The names and meanings of what is measured, whoever tells it: they are the same in every registry and text. */
public enum Metric {
    CONNECTIONS_ACTIVE(Type.GAUGE, "lb4j.connections.active", "Connections open now"),
    CONNECTIONS_ACCEPTED(Type.COUNTER, "lb4j.connections.accepted", "Connections that were accepted"),
    CONNECTIONS_CLOSED(Type.COUNTER, "lb4j.connections.closed", "Connections that have ended, by reason"),
    BYTES(Type.COUNTER, "lb4j.bytes", "Bytes relayed, by direction"),
    ACCEPT_PAUSES(
            Type.COUNTER,
            "lb4j.accept.pauses",
            "Times that accepting paused, at a limit or for want of descriptors or memory"),
    BANDWIDTH_PAUSES(
            Type.COUNTER,
            "lb4j.bandwidth.pauses",
            "Times that reading from one side was put off because of a bandwidth"),
    QUEUE_WAITING(Type.GAUGE, "lb4j.queue.waiting", "Connections that wait because every backend is full"),
    QUEUE_LONGEST_WAIT(
            Type.GAUGE, "lb4j.queue.longest.wait", "Seconds for which the first of those that wait has been waiting"),
    TRANSPORT(Type.GAUGE, "lb4j.transport.info", "1, with the transport that it relays by"),
    UPTIME(Type.GAUGE, "lb4j.uptime.seconds", "Seconds since the start"),

    FRONTEND_LISTENING(Type.GAUGE, "lb4j.frontend.listening", "1 while its ports are open, else 0"),
    FRONTEND_CONNECTIONS_ACTIVE(Type.GAUGE, "lb4j.frontend.connections.active", "Its connections open now"),
    FRONTEND_CONNECTIONS_ACCEPTED(Type.COUNTER, "lb4j.frontend.connections.accepted", "Connections that it accepted"),
    FRONTEND_CONNECTIONS_CLOSED(
            Type.COUNTER, "lb4j.frontend.connections.closed", "Its connections that have ended, by reason"),
    FRONTEND_BYTES(Type.COUNTER, "lb4j.frontend.bytes", "Bytes relayed for its clients, by direction"),
    FRONTEND_BANDWIDTH_PAUSES(
            Type.COUNTER,
            "lb4j.frontend.bandwidth.pauses",
            "Times that reading from one side of its connections was put off because of a bandwidth"),

    FRONTEND_CERTIFICATE_EXPIRY(
            Type.GAUGE,
            "lb4j.frontend.certificate.expiry.seconds",
            "Seconds until the first of its certificates is not valid any more"),

    POOL_QUEUE_WAITING(
            Type.GAUGE, "lb4j.pool.queue.waiting", "Connections that wait because every backend of the pool is full"),
    POOL_QUEUE_LONGEST_WAIT(
            Type.GAUGE,
            "lb4j.pool.queue.longest.wait",
            "Seconds for which the first of those that wait for the pool has been waiting"),

    BACKEND_UP(Type.GAUGE, "lb4j.backend.up", "1 when the backend is UP, else 0"),
    BACKEND_CONNECTIONS_ACTIVE(Type.GAUGE, "lb4j.backend.connections.active", "Connections it has now"),
    BACKEND_CONNECT_ATTEMPTS(Type.COUNTER, "lb4j.backend.connect.attempts", "Attempts to connect to it"),
    BACKEND_CONNECT_FAILURES(Type.COUNTER, "lb4j.backend.connect.failures", "Attempts to connect that failed, by kind"),
    BACKEND_CONNECT(Type.TIMER, "lb4j.backend.connect", "How long successful attempts to connect took"),
    BACKEND_CONNECTIONS_CLOSED(
            Type.COUNTER, "lb4j.backend.connections.closed", "Its connections that have ended, by reason"),
    BACKEND_BYTES(Type.COUNTER, "lb4j.backend.bytes", "Bytes of its connections that have ended, by direction"),
    BACKEND_CHECKS(Type.COUNTER, "lb4j.backend.checks", "Health checks of it, by result"),
    BACKEND_EJECTIONS(Type.COUNTER, "lb4j.backend.ejections", "Times it was ejected for failing connections");

    private enum Type {
        GAUGE("gauge", ""),
        COUNTER("counter", "_total"),
        TIMER("histogram", "_seconds");

        final String inPrometheus;
        final String suffix;

        Type(String inPrometheus, String suffix) {
            this.inPrometheus = inPrometheus;
            this.suffix = suffix;
        }
    }

    private final Type type;
    private final String id;
    private final String description;
    private final String prometheus;

    Metric(Type type, String id, String description) {
        this.type = type;
        this.id = id;
        this.description = description;
        prometheus = id.replace('.', '_') + type.suffix;
    }

    /** The name, its words divided by dots. */
    public String id() {
        return id;
    }

    /** What it tells, for people. */
    public String description() {
        return description;
    }

    /** The name that Micrometer gives it in a registry of Prometheus. */
    public String prometheus() {
        return prometheus;
    }

    /** What Prometheus calls its type. */
    public String prometheusType() {
        return type.inPrometheus;
    }
}
