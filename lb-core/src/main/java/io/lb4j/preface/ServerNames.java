package io.lb4j.preface;

import io.lb4j.internal.util.AddressText;
import org.jspecify.annotations.Nullable;

/** The extension server_name of a ClientHello (RFC 6066, 3). */
final class ServerNames {
    private static final int HOST_NAME = 0;

    /** The type of a name, and its length. */
    private static final int NAME_HEAD = 3;

    private static final int MOST_OF_NAME = 255;
    private static final int MOST_OF_LABEL = 63;

    private final byte[] bytes;
    private final boolean addUp;

    /** How many host names there are. */
    private int count;

    // The last of them.
    private int begin;
    private int end;

    ServerNames(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        addUp = Vectors.end(bytes, from, to, 2) == to && areNames(from + 2, to);
    }

    /** Names of every type have their length in two bytes, those too that do not exist yet. */
    private boolean areNames(int from, int to) {
        for (int at = from; at < to; ) {
            int next = to - at < NAME_HEAD ? -1 : Vectors.end(bytes, at + 1, to, 2);
            if (next < 0) {
                return false;
            }
            if (bytes[at] == HOST_NAME) {
                count++;
                begin = at + NAME_HEAD;
                end = next;
            }
            at = next;
        }
        return true;
    }

    /** Whether the lengths are right. */
    boolean addUp() {
        return addUp;
    }

    /** The only host name, in lower case; null when there is none or more than one, or it is none. */
    @Nullable
    String only() {
        int length = end - begin;
        if (!addUp || count != 1 || length > MOST_OF_NAME || !areLabels()) {
            return null;
        }
        char[] name = new char[length];
        for (int i = 0; i < length; i++) {
            byte c = bytes[begin + i];
            name[i] = (char) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        }
        String text = new String(name);
        return isAddress(text) ? null : text;
    }

    /** Asked of few: what does not end with a digit is none. */
    private static boolean isAddress(String name) {
        char last = name.charAt(name.length() - 1);
        return last >= '0' && last <= '9' && AddressText.parse(name) != null;
    }

    /** With a dot between two of them, none of them empty, none longer than DNS has them. */
    private boolean areLabels() {
        int label = 0;
        for (int i = begin; i < end; i++) {
            if (bytes[i] == '.' && label > 0) {
                label = 0;
            } else if (isOfLabel(bytes[i]) && label < MOST_OF_LABEL) {
                label++;
            } else {
                return false;
            }
        }
        return label > 0;
    }

    /** Letters, digits, hyphens; and the underscore, which many hosts have in their names. */
    private static boolean isOfLabel(byte c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
}
