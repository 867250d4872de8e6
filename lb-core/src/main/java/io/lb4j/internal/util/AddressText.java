package io.lb4j.internal.util;

import org.jspecify.annotations.Nullable;

/**
 * Addresses as they are written, strictly: four decimal numbers without leading zeros, or what RFC 4291, 2.2 has for IPv6.
 * The JDK's parser takes more than that (010.1.2.3, 10.1.515, a scope), and may ask a name server about the rest.
 */
public final class AddressText {
    private static final int GROUPS = 8;
    private static final int MOST_HEX_DIGITS = 4;
    private static final int MOST_DIGITS = 9;

    private AddressText() {}

    /** The 4 or 16 bytes of it; null when it is none. */
    public static byte @Nullable [] parse(String text) {
        return text.indexOf(':') < 0 ? ipv4(text) : ipv6(text);
    }

    private static byte @Nullable [] ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            int number = number(parts[i], 255);
            if (number < 0) {
                return null;
            }
            bytes[i] = (byte) number;
        }
        return bytes;
    }

    /** A decimal number without sign, blanks or leading zeros, no larger than this; -1 when it is none. */
    public static int number(String digits, int most) {
        boolean isPlain = !digits.isEmpty()
                && digits.length() <= MOST_DIGITS
                && (digits.length() == 1 || digits.charAt(0) != '0');
        int number = 0;
        for (int i = 0; isPlain && i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            isPlain = digit >= 0 && digit <= 9;
            number = 10 * number + digit;
        }
        return isPlain && number <= most ? number : -1;
    }

    private static byte @Nullable [] ipv6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            byte[] whole = new byte[2 * GROUPS];
            return groups(text, whole) == GROUPS ? whole : null;
        }
        byte[] head = new byte[2 * GROUPS];
        byte[] tail = new byte[2 * GROUPS];
        int before = groups(text.substring(0, gap), head);
        int behind = groups(text.substring(gap + 2), tail);
        boolean headIsPlain = text.indexOf('.') < 0 || text.indexOf('.') > gap;
        // The gap stands for one group at least.
        if (before < 0 || behind < 0 || before + behind >= GROUPS || !headIsPlain) {
            return null;
        }
        System.arraycopy(tail, 0, head, 2 * (GROUPS - behind), 2 * behind);
        return head;
    }

    /** Groups with colons between them, the last two perhaps as an IPv4 address. How many there are; -1 when it is wrong. */
    private static int groups(String text, byte[] into) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] parts = text.split(":", -1);
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            boolean isQuad = i == parts.length - 1 && parts[i].indexOf('.') >= 0;
            int more = isQuad ? 2 : 1;
            if (count + more > GROUPS
                    || !(isQuad ? quad(parts[i], into, 2 * count) : group(parts[i], into, 2 * count))) {
                return -1;
            }
            count += more;
        }
        return count;
    }

    private static boolean quad(String text, byte[] into, int at) {
        byte[] quad = ipv4(text);
        if (quad != null) {
            System.arraycopy(quad, 0, into, at, quad.length);
        }
        return quad != null;
    }

    private static boolean group(String text, byte[] into, int at) {
        if (text.isEmpty() || text.length() > MOST_HEX_DIGITS) {
            return false;
        }
        int group = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = hexDigit(text.charAt(i));
            if (digit < 0) {
                return false;
            }
            group = group << 4 | digit;
        }
        into[at] = (byte) (group >> 8);
        into[at + 1] = (byte) group;
        return true;
    }

    /** In ASCII: {@link Character#digit} knows those of other scripts too. */
    private static int hexDigit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }
}
