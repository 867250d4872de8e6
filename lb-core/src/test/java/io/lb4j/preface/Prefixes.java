package io.lb4j.preface;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/** What holds of every parser here, whatever the bytes are. */
final class Prefixes {
    private static final int BEFORE = 3;
    private static final byte JUNK = (byte) 0xa5;

    private Prefixes() {}

    interface Parser<T> {
        Parsed<T> parse(byte[] bytes, int from, int to);
    }

    /** What the parser makes of all of these bytes, when it has been asked for each of their prefixes too. */
    static <T> Parsed<T> parseAll(Parser<T> parser, byte[] bytes) {
        Parsed<T> last = Parsed.incomplete();
        for (int length = 0; length <= bytes.length; length++) {
            last = parseNext(parser, bytes, length, last);
        }
        return last;
    }

    /** What it makes of so many of these bytes, which is no other answer than that to fewer of them. */
    static <T> Parsed<T> parseNext(Parser<T> parser, byte[] bytes, int length, Parsed<T> before) {
        Parsed<T> parsed = parser.parse(bytes, 0, length);
        if (before instanceof Parsed.Incomplete<T>) {
            if (parsed instanceof Parsed.Complete<T> complete && complete.length() > length) {
                throw new AssertionError(parsed + " of " + length + " bytes");
            }
        } else if (!parsed.equals(before)) {
            throw new AssertionError("of fewer bytes " + before + ", of " + length + " " + parsed);
        }
        return parsed;
    }

    /** That the bytes before and behind are not looked at, and none is written. */
    static <T> void isAloneInAnArray(Parser<T> parser, byte[] bytes, Parsed<T> expected) {
        byte[] all = new byte[BEFORE + bytes.length + BEFORE];
        Arrays.fill(all, JUNK);
        System.arraycopy(bytes, 0, all, BEFORE, bytes.length);
        byte[] copy = all.clone();

        assertThat(parser.parse(all, BEFORE, BEFORE + bytes.length)).isEqualTo(expected);
        assertThat(all).isEqualTo(copy);
    }

    /** The value of bytes that are one to their last; before it, each number of them is incomplete. */
    static <T> T whole(Parser<T> parser, byte[] bytes) {
        for (int length = 0; length < bytes.length; length++) {
            assertThat(parser.parse(bytes, 0, length))
                    .as("%d of %d bytes", length, bytes.length)
                    .isSameAs(Parsed.incomplete());
        }
        Parsed<T> parsed = parser.parse(bytes, 0, bytes.length);
        assertThat(parsed).isInstanceOf(Parsed.Complete.class);
        Parsed.Complete<T> complete = (Parsed.Complete<T>) parsed;
        assertThat(complete.length()).isEqualTo(bytes.length);
        isAloneInAnArray(parser, bytes, parsed);
        assertThat(parseAll(parser, Arrays.copyOf(bytes, bytes.length + 20))).isEqualTo(parsed);
        return complete.value();
    }

    /** The reason why these bytes are wrong, when they are. */
    static <T> String reason(Parser<T> parser, byte[] bytes) {
        Parsed<T> parsed = parseAll(parser, bytes);
        assertThat(parsed).isInstanceOf(Parsed.Invalid.class);
        isAloneInAnArray(parser, bytes, parsed);
        String reason = ((Parsed.Invalid<T>) parsed).reason();
        assertThat(reason).matches("[A-Za-z0-9 :.,;()]{20,100}");
        return reason;
    }
}
