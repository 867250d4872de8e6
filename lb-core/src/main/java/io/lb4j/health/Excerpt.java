package io.lb4j.health;

import java.nio.charset.StandardCharsets;

/** The beginning of what a backend has sent, for a message: one line, and nothing that could play with a terminal. */
final class Excerpt {
    private static final int MOST_CHARACTERS = 60;

    /** Enough for that many characters, the longest of which have four bytes, and one more to see that there is one. */
    private final byte[] bytes = new byte[4 * (MOST_CHARACTERS + 1)];

    private int count;

    static String of(byte[] bytes) {
        Excerpt excerpt = new Excerpt();
        excerpt.add(bytes, 0, bytes.length);
        return excerpt.toString();
    }

    void add(byte[] source, int offset, int length) {
        int taken = Math.min(length, bytes.length - count);
        System.arraycopy(source, offset, bytes, count, taken);
        count += taken;
    }

    void add(byte b) {
        if (count < bytes.length) {
            bytes[count++] = b;
        }
    }

    /** In quotes. */
    @Override
    public String toString() {
        int[] characters = new String(bytes, 0, count, StandardCharsets.UTF_8)
                .stripTrailing()
                .codePoints()
                .map(Excerpt::visible)
                .toArray();
        boolean whole = characters.length <= MOST_CHARACTERS;
        String text = new String(characters, 0, whole ? characters.length : MOST_CHARACTERS);
        return '"' + text + (whole ? "\"" : "...\"");
    }

    private static int visible(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> '.';
            default -> character;
        };
    }
}
