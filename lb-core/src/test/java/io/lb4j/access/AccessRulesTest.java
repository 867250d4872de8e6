package io.lb4j.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.internal.util.AddressText;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {
    @Test
    void rules_none_allowEverybody() throws UnknownHostException {
        assertThat(AccessRules.allowAll().allows(InetAddress.getByName("10.0.0.1")))
                .isTrue();
        assertThat(AccessRules.of(rules -> {}).allows(InetAddress.getByName("::1")))
                .isTrue();
        assertThat(AccessRules.of(AccessRules.Builder::otherwiseDeny).allows(InetAddress.getByName("::1")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.1.1, false",
        "10.8.1.1, true",
        "11.0.0.1, false",
        "::1, false",
        "fd12::1, true",
        "fd09::1, false",
        "::ffff:10.8.0.1, true",
        "::ffff:10.9.0.1, false",
    })
    void rules_severalFit_theFirstDecides(String client, boolean expected) throws UnknownHostException {
        AccessRules rules = AccessRules.of(r -> r.deny("10.9.0.0/16")
                .allow("10.0.0.0/8")
                .deny("10.8.0.0/16")
                .deny("fd09::/16")
                .allow("fd00::/8")
                .otherwiseDeny());

        assertThat(rules.allows(InetAddress.getByName(client))).isEqualTo(expected);
        assertThat(manyLike(rules).allows(InetAddress.getByName(client))).isEqualTo(expected);
    }

    /** nginx, ngx_stream_access_module: rules for IPv4 are about clients by IPv4, those for IPv6 about the others. */
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 127.0.0.1, false",
        "0.0.0.0/0, ::1, true",
        "::/0, ::1, false",
        "::/0, 127.0.0.1, true",
        "127.0.0.1, 127.0.0.1, false",
        "127.0.0.1, 127.0.0.2, true",
        "::1, ::1, false",
        "::ffff:127.0.0.1, 127.0.0.1, false",
        "::ffff:0:0/96, 127.0.0.1, false",
    })
    void rules_ofOneFamily_areAboutThatOne(String denied, String client, boolean expected) throws UnknownHostException {
        AccessRules rules = AccessRules.of(r -> r.deny(denied));

        assertThat(rules.allows(InetAddress.getByName(client))).isEqualTo(expected);
        assertThat(manyLike(rules).allows(InetAddress.getByName(client))).isEqualTo(expected);
    }

    @Test
    void rules_ofWhatIsNoBlock_addNoneOfTheCall() {
        AccessRules.Builder rules = AccessRules.builder();

        assertThatThrownBy(() -> rules.deny("10.0.0.0/8", "10.1.0.0/8"))
                .hasMessage("access: 10.1.0.0/8 (expected: 10.0.0.0/8)");
        assertThat(rules.build().size()).isZero();
    }

    @Test
    void rules_builtOn_doNotChange() throws UnknownHostException {
        AccessRules.Builder builder = AccessRules.builder();
        AccessRules before = builder.build();
        builder.deny("0.0.0.0/0").otherwiseDeny();

        assertThat(before.allows(InetAddress.getByName("10.0.0.1"))).isTrue();
        assertThat(before).isNotEqualTo(builder.build()).isEqualTo(AccessRules.allowAll());
    }

    @Test
    void rules_amountToAllOrNot_sayWhether() {
        assertThat(AccessRules.allowAll().isAllowingAll()).isTrue();
        assertThat(AccessRules.of(r -> r.allow("10.0.0.0/8")).isAllowingAll()).isTrue();
        assertThat(AccessRules.of(r -> r.deny("10.0.0.0/8")).isAllowingAll()).isFalse();
        assertThat(AccessRules.of(AccessRules.Builder::otherwiseDeny).isAllowingAll())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 16, 17, 60, 400})
    void rules_anyOfThem_decideAsOneByOne(int count) throws UnknownHostException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            List<Cidr> blocks = new ArrayList<>();
            List<Boolean> allows = new ArrayList<>();
            AccessRules.Builder builder = AccessRules.builder();
            for (int i = 0; i < count; i++) {
                Cidr block = anyBlock(random, blocks);
                boolean allowed = random.nextBoolean();
                blocks.add(block);
                allows.add(allowed);
                AccessRules.Builder unused = allowed ? builder.allow(block) : builder.deny(block);
            }
            boolean otherwise = random.nextBoolean();
            AccessRules rules = (otherwise ? builder.otherwiseAllow() : builder.otherwiseDeny()).build();
            for (int i = 0; i < 200; i++) {
                InetAddress client = anyClient(random, blocks);
                int first = 0;
                while (first < count && !blocks.get(first).contains(client)) {
                    first++;
                }
                boolean expected = first == count ? otherwise : allows.get(first);
                assertThat(rules.allows(client))
                        .as("seed %d, %s: %s", seed, client, rules.lines())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void rules_manyAndCrafted_areLookedUpInFewSteps() throws UnknownHostException {
        // Nested as deep as they can be, beside each other, and each 50,000 times: what a list, or a trie that goes
        // back,
        // would take long for. Compared with the reference by what they answer; that it ends soon is its bound of
        // steps.
        AccessRules.Builder builder = AccessRules.builder();
        for (int i = 0; i < 50_000; i++) {
            int prefix = 1 + i % 32;
            builder.deny(Cidr.parse(dotted(0x0a_0b_0c_0d & -1 << (32 - prefix)) + "/" + prefix));
        }
        for (int i = 0; i < 50_000; i++) {
            builder.allow(Cidr.parse(dotted(0xc0_00_00_00 + 2 * i) + "/32"));
        }
        AccessRules rules = builder.otherwiseDeny().build();

        for (int i = 0; i < 100_000; i++) {
            InetAddress client = InetAddress.getByName(dotted(0xc0_00_00_00 + i));
            assertThat(rules.allows(client)).isEqualTo(i % 2 == 0);
        }
        assertThat(rules.allows(InetAddress.getByName("10.11.12.13"))).isFalse();
    }

    @Test
    void lines_ofRules_makeTheSameAgain() {
        AccessRules rules = AccessRules.of(r ->
                r.deny("10.9.0.0/16").allow("10.0.0.0/8", "::ffff:11.0.0.0/104").otherwiseDeny());

        assertThat(rules.lines())
                .containsExactly("deny 10.9.0.0/16", "allow 10.0.0.0/8", "allow 11.0.0.0/8", "otherwise deny");
        assertThat(AccessRules.parse(rules.lines())).isEqualTo(rules).hasSameHashCodeAs(rules);
        assertThat(rules).hasToString("deny 10.9.0.0/16, allow 10.0.0.0/8, allow 11.0.0.0/8, otherwise deny");
        assertThat(manyLike(rules)).hasToString(rules.size() + 16 + " rules");
    }

    @Test
    void parse_ofAFile_takesCommentsBlanksAndSeveralBlocks() {
        List<String> lines = List.of(
                "# who may",
                "",
                "  deny\t10.9.0.0/16   # the guests",
                "allow 10.0.0.0/8 fd00::/8",
                "otherwise deny",
                "#");

        assertThat(AccessRules.parse(lines).lines())
                .containsExactly("deny 10.9.0.0/16", "allow 10.0.0.0/8", "allow fd00::/8", "otherwise deny");
        assertThat(AccessRules.parse(List.of())).isEqualTo(AccessRules.allowAll());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "permit 10.0.0.0/8 | \"permit 10.0.0.0/8\" (expected: allow CIDR, deny CIDR, otherwise allow or otherwise deny)",
                "deny | deny (expected: allow CIDR",
                "deny 10.1.0.0/8 | access: 10.1.0.0/8 (expected: 10.0.0.0/8)",
                "Deny 10.0.0.0/8 | \"Deny 10.0.0.0/8\" (expected: allow CIDR",
                "deny 10.0.0.0/8#x | access: 10.0.0.0/8#x (expected: a prefix",
                "deny 10.0.0.0/8, 11.0.0.0/8 | access: 10.0.0.0/8, (expected: a prefix",
                "otherwise | otherwise (expected: allow CIDR",
                "otherwise deny all | \"otherwise deny all\" (expected: allow CIDR",
                "deny all | access: all (expected: an address",
            })
    void parse_ofAnotherLine_saysWhichAndWhy(String line, String message) {
        assertThatThrownBy(() -> AccessRules.parse(List.of("allow 10.0.0.0/8", line)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("line 2: " + message);
    }

    @Test
    void parse_behindOtherwise_takesNothing() {
        assertThatThrownBy(() -> AccessRules.parse(List.of("otherwise deny", "", "allow 10.0.0.0/8")))
                .hasMessage("line 3: \"allow 10.0.0.0/8\" (expected: nothing behind \"otherwise\")");
    }

    /** The same, among so many that are about nobody that they are not gone through one by one. */
    private static AccessRules manyLike(AccessRules rules) {
        List<String> lines = new ArrayList<>(rules.lines());
        for (int i = 0; i < 16; i++) {
            lines.add(0, "deny 192.0.2." + i);
        }
        return AccessRules.parse(lines);
    }

    private static Cidr anyBlock(Random random, List<Cidr> others) {
        boolean isIpv4 = random.nextInt(3) > 0;
        byte[] address = !others.isEmpty() && random.nextBoolean()
                ? near(random, others.get(random.nextInt(others.size())))
                : new byte[isIpv4 ? 4 : 16];
        if (random.nextInt(4) == 0) {
            random.nextBytes(address);
        }
        int prefix = random.nextInt(8 * address.length + 1);
        for (int bit = prefix; bit < 8 * address.length; bit++) {
            address[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return Cidr.parse(text(address) + "/" + prefix);
    }

    private static InetAddress anyClient(Random random, List<Cidr> blocks) throws UnknownHostException {
        byte[] address = new byte[random.nextBoolean() ? 4 : 16];
        if (!blocks.isEmpty() && random.nextInt(8) > 0) {
            address = near(random, blocks.get(random.nextInt(blocks.size())));
        } else if (random.nextBoolean()) {
            random.nextBytes(address);
        }
        return address.length == 16 && random.nextInt(8) > 0
                ? Inet6Address.getByAddress(null, address, -1)
                : InetAddress.getByAddress(address);
    }

    /** The first or the last address of a block, the one before it or the one behind it, or one that is a bit off. */
    private static byte[] near(Random random, Cidr block) {
        byte[] address = bytes(block, random.nextBoolean());
        int off = random.nextInt(4);
        if (off == 1) {
            int bit = random.nextInt(8 * address.length);
            address[bit / 8] ^= (byte) (0x80 >> bit % 8);
        } else if (off > 1) {
            int step = off == 2 ? 1 : -1;
            int at = address.length - 1;
            address[at] += (byte) step;
            while (at > 0 && address[at] == (step == 1 ? 0 : -1)) {
                address[--at] += (byte) step;
            }
        }
        return address;
    }

    private static byte[] bytes(Cidr block, boolean first) {
        byte[] bytes = AddressText.parse(block.toString().split("/", -1)[0]);
        assertThat(bytes).isNotNull();
        for (int bit = block.prefix(); !first && bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return bytes;
    }

    private static String text(byte[] address) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < address.length; i += address.length == 4 ? 1 : 2) {
            text.append(i == 0 ? "" : address.length == 4 ? "." : ":");
            text.append(
                    address.length == 4
                            ? String.valueOf(address[i] & 0xff)
                            : Integer.toHexString((address[i] & 0xff) << 8 | (address[i + 1] & 0xff)));
        }
        return text.toString();
    }

    private static String dotted(int address) {
        return (address >>> 24) + "." + (address >> 16 & 0xff) + "." + (address >> 8 & 0xff) + "." + (address & 0xff);
    }
}
