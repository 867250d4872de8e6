package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.access.Cidr;
import io.lb4j.internal.util.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Who tells a frontend of his clients' addresses by the PROXY protocol (HAProxy, doc/proxy-protocol.txt): the proxies in front
 * of it. Immutable.
 *
 * @param trusted the addresses of those who send a header, always; unmodifiable
 * @param untrusted what becomes of everybody else
 */
public record ProxyProtocolPolicy(List<Cidr> trusted, Untrusted untrusted) {
    /** What becomes of a client who is none of those who send headers. */
    public enum Untrusted {
        /** He is reset before a byte of his has been read. */
        REFUSE,
        /** He is a client like any other, and is not asked for a header: what he sends goes to the backend. */
        DIRECT
    }

    /**
     * A policy of these parts.
     *
     * @throws IllegalArgumentException when nobody is trusted
     */
    public ProxyProtocolPolicy {
        trusted = List.copyOf(trusted);
        Checks.notNull("proxyProtocol untrusted", untrusted);
        if (trusted.isEmpty()) {
            throw new IllegalArgumentException(
                    "proxyProtocol trust: none (expected: the addresses of those who send headers)");
        }
    }

    /** The policy that {@code settings} makes of a builder that holds the defaults. */
    static ProxyProtocolPolicy of(Consumer<Builder> settings) {
        Builder builder = Checks.filled("proxyProtocol", settings, new Builder());
        return new ProxyProtocolPolicy(builder.trusted, builder.untrusted);
    }

    /** Rules that allow those who send headers, and nobody else. */
    AccessRules trustedOnly() {
        return AccessRules.of(rules -> {
            trusted.forEach(rules::allow);
            rules.otherwiseDeny();
        });
    }

    /** Collects the parts of a policy. {@code trust} adds up; of {@code untrusted} the last value wins. */
    public static final class Builder {
        private final List<Cidr> trusted = new ArrayList<>();
        private Untrusted untrusted = Untrusted.REFUSE;

        private Builder() {}

        /**
         * Those who connect from there send a header before anything else, and each of them always: one who does not is reset.
         * Whoever may send a header says from where his client comes, so these are to be the proxies in front of this frontend,
         * and nobody else. There is no default.
         *
         * @param cidrs as {@link Cidr#parse} takes them
         * @throws IllegalArgumentException when one of them is no block of addresses
         */
        public Builder trust(String... cidrs) {
            trusted.addAll(Cidr.parseAll("proxyProtocol trust", cidrs));
            return this;
        }

        /** {@link #trust(String...)}, with blocks that were made elsewhere. */
        public Builder trust(Cidr... cidrs) {
            trusted.addAll(List.of(cidrs));
            return this;
        }

        /** What becomes of everybody else. Default: {@link Untrusted#REFUSE}. */
        public Builder untrusted(Untrusted untrusted) {
            this.untrusted = Checks.notNull("proxyProtocol untrusted", untrusted);
            return this;
        }
    }
}
