package io.lb4j.examples.demo;

import io.lb4j.selection.QueuePolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many may wait, and for how long, as {@code 1000,5s}; one of the two may be left out. */
record WaitingLine(Optional<Integer> most, Optional<Duration> timeout) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(?:,(.+))?");

    static WaitingLine parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return new WaitingLine(Optional.empty(), Optional.of(FlagValues.duration(text)));
        }
        return new WaitingLine(
                Optional.of(Integer.valueOf(form.group(1))),
                Optional.ofNullable(form.group(2)).map(FlagValues::duration));
    }

    void apply(QueuePolicy.Builder queue) {
        most.ifPresent(queue::maxWaiting);
        timeout.ifPresent(queue::timeout);
    }
}
