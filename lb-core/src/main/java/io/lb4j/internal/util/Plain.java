package io.lb4j.internal.util;

/** Text of others in lines of ours: whatever it is, it stays one field of one line. */
public final class Plain {
    private Plain() {}

    /** As it is, or in quotes where it is empty or has anything but letters, digits and harmless signs. */
    public static String value(String text) {
        boolean harmless = !text.isEmpty();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            harmless &= c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
        }
        return harmless && !text.equals("-") ? text : quoted(text);
    }

    /** In quotes, with everything escaped that is not printable ASCII. */
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7f) {
                quoted.append(c);
            } else {
                quoted.append(String.format("\\u%04x", (int) c));
            }
        }
        return quoted.append('"').toString();
    }

    /** One word without quotes: everything but printable ASCII without space and slash becomes an underscore. */
    public static String word(String text) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            word.append(c > ' ' && c < 0x7f && c != '/' && c != '"' ? c : '_');
        }
        return word.length() == 0 ? "_" : word.toString();
    }
}
