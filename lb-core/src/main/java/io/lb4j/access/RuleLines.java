package io.lb4j.access;

import io.lb4j.internal.util.Plain;
import io.lb4j.internal.util.TextFile;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/** Rules as they are written in a file. To be used once. */
final class RuleLines {
    private static final Pattern BLANKS = Pattern.compile("[ \t]+");

    private final AccessRules.Builder rules = AccessRules.builder();
    private boolean isClosed;

    private RuleLines() {}

    static AccessRules parse(List<String> lines) {
        RuleLines parsed = new RuleLines();
        TextFile.each(lines, parsed::add);
        return parsed.rules.build();
    }

    static AccessRules parse(TextFile file, String text) throws IOException {
        RuleLines parsed = new RuleLines();
        file.each(text, parsed::add);
        return parsed.rules.build();
    }

    private void add(String line) {
        String text = TextFile.withoutComment(line);
        if (text.isEmpty()) {
            return;
        }
        if (isClosed) {
            throw new IllegalArgumentException(Plain.value(text) + " (expected: nothing behind \"otherwise\")");
        }
        String[] words = BLANKS.split(text);
        switch (words[0]) {
            case "allow" -> rules.allow(blocks(words, text));
            case "deny" -> rules.deny(blocks(words, text));
            case "otherwise" -> otherwise(words, text);
            default -> throw wrong(text);
        }
    }

    private static String[] blocks(String[] words, String text) {
        if (words.length < 2) {
            throw wrong(text);
        }
        return List.of(words).subList(1, words.length).toArray(String[]::new);
    }

    private void otherwise(String[] words, String text) {
        isClosed = true;
        if (words.length == 2 && words[1].equals("allow")) {
            rules.otherwiseAllow();
        } else if (words.length == 2 && words[1].equals("deny")) {
            rules.otherwiseDeny();
        } else {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                Plain.value(text) + " (expected: allow CIDR, deny CIDR, otherwise allow or otherwise deny)");
    }
}
