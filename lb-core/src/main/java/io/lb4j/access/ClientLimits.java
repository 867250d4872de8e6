package io.lb4j.access;

import io.lb4j.internal.util.Checks;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * How much one client may have of a frontend. A client is an IPv4 address, or a block of IPv6 addresses of which one host or
 * one household has all (RFC 6177). Immutable.
 *
 * @param maxConnections how many connections he may have at a time; empty for any number
 * @param connectRate how often he may connect; empty for as often as he likes
 * @param bandwidth how many bytes his connections together may pass in a second; empty for any number
 * @param ipv6Prefix how many first bits of an IPv6 address make a client, 1..128
 * @param exempt of whom nothing is counted; unmodifiable
 * @param maxClients how many clients are remembered at a time
 */
public record ClientLimits(
        OptionalInt maxConnections,
        Optional<Rate> connectRate,
        Optional<Bandwidth> bandwidth,
        int ipv6Prefix,
        List<Cidr> exempt,
        int maxClients) {
    private static final int MOST_CONNECTIONS = 10_000_000;
    private static final int MOST_CLIENTS = 10_000_000;
    private static final int MOST_OFTEN = 1_000_000;
    private static final Duration LONGEST = Duration.ofDays(1);

    /**
     * So many in such a time: as many at once, and then one after each so-manieth part of the time. In any time {@code t}
     * that makes no more than {@code times + times × t / per}.
     *
     * @param times 1..1,000,000
     * @param per longer than zero, at most a day
     */
    public record Rate(int times, Duration per) {
        /**
         * A rate of these parts.
         *
         * @throws IllegalArgumentException when one of them is out of its range
         */
        public Rate {
            Checks.range("clientLimits connectRate", times, 1, MOST_OFTEN);
            Checks.positive("clientLimits connectRate", per);
            if (per.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("clientLimits connectRate: " + per + " (expected: at most 1 day)");
            }
        }

        /** As in {@code 20 in PT1S}. */
        @Override
        public String toString() {
            return times + " in " + per;
        }
    }

    /**
     * Limits of these parts.
     *
     * @throws IllegalArgumentException when one of them is out of its range, or there is no limit
     */
    public ClientLimits {
        maxConnections.ifPresent(most -> Checks.range("clientLimits maxConnections", most, 1, MOST_CONNECTIONS));
        Checks.range("clientLimits ipv6Prefix", ipv6Prefix, 1, 128);
        Checks.range("clientLimits maxClients", maxClients, 1, MOST_CLIENTS);
        exempt = List.copyOf(exempt);
        if (maxConnections.isEmpty() && connectRate.isEmpty() && bandwidth.isEmpty()) {
            throw new IllegalArgumentException(
                    "clientLimits: none set (expected: maxConnections, connectRate or bandwidth)");
        }
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that holds these parts. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.maxConnections = maxConnections;
        builder.connectRate = connectRate;
        builder.bandwidth = bandwidth;
        builder.ipv6Prefix = ipv6Prefix;
        builder.exempt.addAll(exempt);
        builder.maxClients = maxClients;
        return builder;
    }

    /**
     * The limits that {@code limits} sets on a builder that holds the defaults.
     *
     * @throws IllegalArgumentException when a value is out of its range, or there is no limit
     */
    public static ClientLimits of(Consumer<Builder> limits) {
        return Checks.filled("clientLimits", limits, new Builder()).build();
    }

    /** Whether nothing is counted of this client. */
    public boolean isExempt(InetAddress client) {
        for (Cidr block : exempt) {
            if (block.contains(client)) {
                return true;
            }
        }
        return false;
    }

    /** Collects limits. Each setter checks its value at once; {@code exempt} adds up, of all others the last value wins. */
    public static final class Builder {
        private OptionalInt maxConnections = OptionalInt.empty();
        private Optional<Rate> connectRate = Optional.empty();
        private Optional<Bandwidth> bandwidth = Optional.empty();
        private int ipv6Prefix = 64;
        private final List<Cidr> exempt = new ArrayList<>();
        private int maxClients = 100_000;

        private Builder() {}

        /**
         * How many connections a client may have at a time; one more is reset. Default: any number.
         *
         * @throws IllegalArgumentException when it is not within 1..10,000,000
         */
        public Builder maxConnections(int most) {
            maxConnections = OptionalInt.of(Checks.range("clientLimits maxConnections", most, 1, MOST_CONNECTIONS));
            return this;
        }

        /**
         * How often a client may connect: so many times at once, and then once after each so-manieth part of the time. One
         * that comes too early is reset, and does not count. Default: as often as he likes.
         *
         * @param times 1..1,000,000
         * @param per longer than zero, at most a day
         * @throws IllegalArgumentException when one of them is out of its range
         */
        public Builder connectRate(int times, Duration per) {
            connectRate = Optional.of(new Rate(times, per));
            return this;
        }

        /**
         * How many bytes the connections of a client together may pass in a second; they take turns. The builder handed in
         * holds the present values, or the defaults. When it is changed, it holds for clients who are limited already
         * within a second after they have connected once more. Default: any number.
         *
         * @throws IllegalArgumentException when no direction has a limit, or a value is out of its range
         */
        public Builder bandwidth(Consumer<Bandwidth.Builder> bandwidth) {
            this.bandwidth = Optional.of(Bandwidth.changed(this.bandwidth, bandwidth));
            return this;
        }

        /**
         * How many first bits of an IPv6 address make a client. Default: 64, because whoever has one address has all of its
         * /64.
         *
         * @throws IllegalArgumentException when it is not within 1..128
         */
        public Builder ipv6Prefix(int bits) {
            ipv6Prefix = Checks.range("clientLimits ipv6Prefix", bits, 1, 128);
            return this;
        }

        /**
         * Of clients with these addresses nothing is counted: health checks of others, a proxy before this one, the office.
         *
         * @param cidrs as {@link Cidr#parse} takes them
         * @throws IllegalArgumentException when one of them is no block of addresses
         */
        public Builder exempt(String... cidrs) {
            exempt.addAll(Cidr.parseAll("clientLimits exempt", cidrs));
            return this;
        }

        /**
         * How many clients are remembered at a time, some 100 bytes each (300 with a bandwidth). A client is while he has a
         * connection, and after that until he may do as much at once as if he had never come. For one more than this, the one without a connection who
         * has been silent for longest is forgotten; where all have connections, he is reset. Default: 100,000.
         *
         * @throws IllegalArgumentException when it is not within 1..10,000,000
         */
        public Builder maxClients(int clients) {
            maxClients = Checks.range("clientLimits maxClients", clients, 1, MOST_CLIENTS);
            return this;
        }

        /**
         * The limits.
         *
         * @throws IllegalArgumentException when there is no limit
         */
        public ClientLimits build() {
            return new ClientLimits(maxConnections, connectRate, bandwidth, ipv6Prefix, exempt, maxClients);
        }
    }
}
