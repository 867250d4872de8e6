package io.lb4j.proxy;

import io.lb4j.internal.util.Checks;
import java.time.Duration;
import java.util.Optional;

/**
 * How long things may take, for each connection. What changes holds for connections that are accepted from then on.
 *
 * @param preface how long a client may take for each thing that it has to say before a backend is chosen. Default: 5 s
 * @param connect how long an attempt to connect to a backend may take, with all addresses of the backend. Default: 5 s
 * @param idle how long both directions may be silent; empty for ever. Default: 1 h
 * @param halfClosed how long a connection may be silent after one side has ended its stream. Default: 5 min
 * @param stall how long one side may take none of the bytes that wait for it. Default: 5 min
 * @param lifetime how long a connection may be open; empty for ever. Default: empty
 */
public record TimeoutPolicy(
        Duration preface,
        Duration connect,
        Optional<Duration> idle,
        Duration halfClosed,
        Duration stall,
        Optional<Duration> lifetime) {
    /**
     * A policy of these parts.
     *
     * @throws IllegalArgumentException when one of them is not longer than zero
     */
    public TimeoutPolicy {
        Checks.positive("timeouts preface", preface);
        Checks.positive("timeouts connect", connect);
        idle.ifPresent(time -> Checks.positive("timeouts idle", time));
        Checks.positive("timeouts halfClosed", halfClosed);
        Checks.positive("timeouts stall", stall);
        lifetime.ifPresent(time -> Checks.positive("timeouts lifetime", time));
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that holds these parts. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.preface = preface;
        builder.connect = connect;
        builder.idle = idle;
        builder.halfClosed = halfClosed;
        builder.stall = stall;
        builder.lifetime = lifetime;
        return builder;
    }

    /** Collects the parts of a policy. Each setter checks its value at once; the last value set wins. */
    public static final class Builder {
        private Duration preface = Duration.ofSeconds(5);
        private Duration connect = Duration.ofSeconds(5);
        private Optional<Duration> idle = Optional.of(Duration.ofHours(1));
        private Duration halfClosed = Duration.ofMinutes(5);
        private Duration stall = Duration.ofMinutes(5);
        private Optional<Duration> lifetime = Optional.empty();

        private Builder() {}

        /**
         * How long a client may take for each thing that it has to say before a backend is chosen, where its frontend waits for
         * that: the header of the PROXY protocol, and then its first byte or its hello of TLS. No byte makes it longer. Less
         * than 3 s is too short for who has lost a packet (PROXY protocol, 2). Default: 5 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder preface(Duration timeout) {
            this.preface = Checks.positive("timeouts preface", timeout);
            return this;
        }

        /**
         * How long an attempt to connect to a backend may take: looking up its host name and dialling all the addresses
         * that stands for. Each attempt has this time, so a client waits at most
         * {@linkplain LimitPolicy.Builder#connectAttempts connectAttempts} times as long. An address that does not answer
         * within 250 ms has the next one dialled besides, and the one that answered is the first to be dialled from then on
         * (RFC 8305). A backend that goes DOWN or is ejected meanwhile is not waited for any longer if there is another
         * one with room, and nobody waits for a place. Default: 5 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder connect(Duration timeout) {
            this.connect = Checks.positive("timeouts connect", timeout);
            return this;
        }

        /**
         * How long both directions of a connection may be silent before it is reset. Default: 1 h.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder idle(Duration timeout) {
            this.idle = Optional.of(Checks.positive("timeouts idle", timeout));
            return this;
        }

        /** Lets connections be silent for ever. Those whose peer vanished are then found by TCP keep-alive alone. */
        public Builder noIdle() {
            this.idle = Optional.empty();
            return this;
        }

        /**
         * How long a connection may be silent after one side has ended its stream before it is reset. Default: 5 min.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder halfClosed(Duration timeout) {
            this.halfClosed = Checks.positive("timeouts halfClosed", timeout);
            return this;
        }

        /**
         * How long one side may take none of the bytes that wait for it before the connection is reset. Default: 5 min.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder stall(Duration timeout) {
            this.stall = Checks.positive("timeouts stall", timeout);
            return this;
        }

        /**
         * How long a connection may be open before it is reset: makes clients that never reconnect by themselves spread
         * over backends that are new. From a random moment within 10 % to either side of it, so that those that came
         * together do not go together, the first silent moment is taken: 100 ms without a byte after the backend spoke
         * last, or a second after the client did, and, where the system can tell (Linux), the client's kernel having all
         * that it was sent. One that is never silent so long ends after 10 % more. Default: for ever.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder lifetime(Duration time) {
            this.lifetime = Optional.of(Checks.positive("timeouts lifetime", time));
            return this;
        }

        /** Lets connections be open for ever. */
        public Builder noLifetime() {
            this.lifetime = Optional.empty();
            return this;
        }

        /** The policy. */
        public TimeoutPolicy build() {
            return new TimeoutPolicy(preface, connect, idle, halfClosed, stall, lifetime);
        }
    }
}
