package io.lb4j.admin;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON (RFC 8259) of which no part can be taken for HTML. */
final class Json {
    private final StringBuilder text = new StringBuilder();
    private boolean first = true;

    Json begin() {
        return open('{');
    }

    Json end() {
        return close('}');
    }

    Json begin(String name) {
        return name(name).open('{');
    }

    Json beginList(String name) {
        return name(name).open('[');
    }

    Json endList() {
        return close(']');
    }

    /** A list that is the whole text. */
    Json beginList() {
        return open('[');
    }

    /** The next element of a list, an object. */
    Json beginElement() {
        comma();
        return open('{');
    }

    /** The next element of a list, a text. */
    void element(String value) {
        comma();
        string(value);
    }

    /** The next element of a list, a number. */
    void element(long value) {
        comma();
        text.append(value);
    }

    /** The next element of a list, a number in as many digits as a line needs; null when it is none. */
    void element(float value) {
        comma();
        if (Float.isNaN(value)) {
            text.append("null");
        } else if (value >= 100 || value == Math.rint(value)) {
            text.append(Math.round((double) value));
        } else {
            text.append(Math.round(value * 10.0) / 10.0);
        }
    }

    Json field(String name, @Nullable String value) {
        name(name);
        if (value == null) {
            text.append("null");
        } else {
            string(value);
        }
        return this;
    }

    Json field(String name, long value) {
        name(name).text.append(value);
        return this;
    }

    Json field(String name, @Nullable Number value) {
        name(name).text.append(value);
        return this;
    }

    Json field(String name, boolean value) {
        name(name).text.append(value);
        return this;
    }

    /** The counters that are not 0. */
    Json counts(String name, Map<? extends Enum<?>, Long> counts) {
        begin(name);
        counts.forEach((key, count) -> {
            if (count != 0) {
                field(key.name(), count);
            }
        });
        return end();
    }

    private Json open(char bracket) {
        text.append(bracket);
        first = true;
        return this;
    }

    private Json close(char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    private Json name(String name) {
        comma();
        string(name);
        text.append(':');
        return this;
    }

    private void comma() {
        if (!first) {
            text.append(',');
        }
        first = false;
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || c > '~' || c == '<' || c == '>' || c == '&' || c == '\'') {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
