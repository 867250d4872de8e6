package io.lb4j.benchmarks.compare;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Shows what happens while it happens, and keeps what the reader of the figures has to know. */
final class Journal {
    private final PrintWriter out;
    private final List<String> notes = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Journal(PrintWriter out) {
        this.out = out;
    }

    /** Who took part, and in which circumstances. */
    void note(String note) {
        if (!notes.contains(note)) {
            notes.add(note);
            show("%s", note);
        }
    }

    /** What went wrong outside the samples. */
    void fail(String failure) {
        failures.add(failure);
        show("FAILED: %s", failure);
    }

    /** One line that is not kept. */
    void show(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }

    List<String> notes() {
        return notes;
    }

    List<String> failures() {
        return failures;
    }
}
