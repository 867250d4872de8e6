package io.lb4j.access;

import io.lb4j.internal.util.AddressBits;
import io.lb4j.internal.util.AddressText;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Preload;
import io.lb4j.internal.util.TextFile;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which clients may come in, by their addresses. The first rule whose block has the client's address decides; where there is
 * none, everybody may, unless it was said {@linkplain Builder#otherwiseDeny otherwise}.
 *
 * <pre>{@code
 * AccessRules rules = AccessRules.of(r -> r.deny("10.9.0.0/16").allow("10.0.0.0/8").otherwiseDeny());
 * }</pre>
 *
 * <p>Immutable. A look-up among more than 16 rules takes the time of a binary search, whoever asks.
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class AccessRules {
    private static final int MOST_IN_TURN = 16;
    private static final AccessRules ALL = new Builder().build();

    static {
        // Rules are changed under attack, when a process may be out of descriptors and could not load these.
        Preload.classes(AddressText.class, Cidr.class, Ranges.class, Rule.class, RuleLines.class);
    }

    private final Rule[] rules;
    private final boolean otherwise;

    /** Null as long as the rules are few. */
    private final @Nullable Ranges ipv4;

    private final @Nullable Ranges ipv6;

    private AccessRules(List<Rule> rules, boolean otherwise) {
        this.rules = rules.toArray(Rule[]::new);
        this.otherwise = otherwise;
        boolean areMany = rules.size() > MOST_IN_TURN;
        ipv4 = areMany ? Ranges.of(rules, otherwise, true) : null;
        ipv6 = areMany ? Ranges.of(rules, otherwise, false) : null;
    }

    /** Everybody may come in. */
    public static AccessRules allowAll() {
        return ALL;
    }

    /** A builder without rules. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The rules that {@code rules} adds to a builder without any.
     *
     * @throws IllegalArgumentException when a block is not one
     */
    public static AccessRules of(Consumer<Builder> rules) {
        return Checks.filled("access", rules, new Builder()).build();
    }

    /**
     * The rules in these lines, each of which is {@code allow} or {@code deny} and one block or several, with blanks between
     * them; the last may be {@code otherwise allow} or {@code otherwise deny}. Empty lines do not count, nor what follows a
     * {@code #} at the begin of a line or behind a blank.
     *
     * <pre>
     * deny 10.9.0.0/16       # the guests' network
     * allow 10.0.0.0/8 fd00::/8
     * otherwise deny
     * </pre>
     *
     * @throws IllegalArgumentException when a line is something else; the message says first which it is
     */
    public static AccessRules parse(List<String> lines) {
        return RuleLines.parse(lines);
    }

    /**
     * The rules in a text file in UTF-8, as {@link #parse} takes its lines; with a line break behind each of them, the last
     * one too: without it the file is taken for one that is still being written.
     *
     * @throws IOException when it cannot be read, is larger than 1 MiB, or a line is something else; the message has the file,
     *     the line and what was expected
     */
    public static AccessRules read(Path file) throws IOException {
        TextFile text = new TextFile(Checks.notNull("access file", file));
        return parse(text, text.text());
    }

    /**
     * For the library itself: {@link #read} of a file whose text is at hand.
     *
     * @hidden
     */
    public static AccessRules parse(TextFile file, String text) throws IOException {
        return RuleLines.parse(file, text);
    }

    /** Whether a client with this address may come in. Its scope, if it has one, does not matter. */
    public boolean allows(InetAddress client) {
        if (rules.length == 0) {
            return otherwise;
        }
        byte[] bytes = client.getAddress();
        return AddressBits.isIpv4(client, bytes)
                ? allowsIpv4(AddressBits.ipv4(bytes))
                : allowsIpv6(AddressBits.high(bytes), AddressBits.low(bytes));
    }

    private boolean allowsIpv4(int address) {
        if (ipv4 != null) {
            return ipv4.allowsIpv4(address);
        }
        for (Rule rule : rules) {
            if (rule.block().containsIpv4(address)) {
                return rule.allows();
            }
        }
        return otherwise;
    }

    private boolean allowsIpv6(long high, long low) {
        if (ipv6 != null) {
            return ipv6.allowsIpv6(high, low);
        }
        for (Rule rule : rules) {
            if (rule.block().containsIpv6(high, low)) {
                return rule.allows();
            }
        }
        return otherwise;
    }

    /** Whether nobody is denied, because no rule does. */
    public boolean isAllowingAll() {
        return otherwise && List.of(rules).stream().allMatch(Rule::allows);
    }

    /** How many rules there are. */
    public int size() {
        return rules.length;
    }

    /** A line for each rule and one for what is otherwise, as {@link #parse} takes them; unmodifiable. */
    public List<String> lines() {
        List<String> lines =
                List.of(rules).stream().map(Rule::toString).collect(Collectors.toCollection(ArrayList::new));
        lines.add(otherwise ? "otherwise allow" : "otherwise deny");
        return List.copyOf(lines);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AccessRules those
                && otherwise == those.otherwise
                && List.of(rules).equals(List.of(those.rules));
    }

    @Override
    public int hashCode() {
        return List.of(rules).hashCode() * 2 + (otherwise ? 1 : 0);
    }

    /** The rules one after another; of many, how many they are. */
    @Override
    public String toString() {
        return rules.length > MOST_IN_TURN ? rules.length + " rules" : String.join(", ", lines());
    }

    /** Collects rules in their order. Not thread-safe. */
    public static final class Builder {
        private final List<Rule> rules = new ArrayList<>();
        private boolean otherwise = true;

        private Builder() {}

        /**
         * Clients from these blocks may come in, if no rule before this one says something else.
         *
         * @param cidrs as {@link Cidr#parse} takes them
         * @throws IllegalArgumentException when one of them is no block of addresses
         */
        public Builder allow(String... cidrs) {
            return add(true, cidrs);
        }

        /**
         * Clients from these blocks are reset, if no rule before this one says something else.
         *
         * @param cidrs as {@link Cidr#parse} takes them
         * @throws IllegalArgumentException when one of them is no block of addresses
         */
        public Builder deny(String... cidrs) {
            return add(false, cidrs);
        }

        /** {@link #allow(String...)}, for a block that is parsed already. */
        public Builder allow(Cidr block) {
            rules.add(new Rule(true, Checks.notNull("access", block)));
            return this;
        }

        /** {@link #deny(String...)}, for a block that is parsed already. */
        public Builder deny(Cidr block) {
            rules.add(new Rule(false, Checks.notNull("access", block)));
            return this;
        }

        private Builder add(boolean allows, String... cidrs) {
            List<Rule> more = new ArrayList<>();
            for (String cidr : cidrs) {
                more.add(new Rule(allows, Cidr.parse("access", cidr)));
            }
            rules.addAll(more);
            return this;
        }

        /** Whoever no rule is about may come in. This is the default; the last of both wins. */
        public Builder otherwiseAllow() {
            otherwise = true;
            return this;
        }

        /** Whoever no rule is about is reset. The last of both wins. */
        public Builder otherwiseDeny() {
            otherwise = false;
            return this;
        }

        /** The rules. */
        public AccessRules build() {
            return new AccessRules(rules, otherwise);
        }
    }
}
