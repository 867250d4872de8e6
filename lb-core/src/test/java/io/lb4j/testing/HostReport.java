package io.lb4j.testing;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Prints what is known of a process in which something went wrong, as far as it can be had: it may be in a bad way. */
final class HostReport {
    private static final int MOST_LOGGED = 150;

    HostReport(String title) {
        System.out.println("==== " + title);
    }

    void add(String what, Supplier<String> text) {
        System.out.println("---- " + what);
        try {
            System.out.println(text.get());
        } catch (RuntimeException | AssertionError unknown) {
            System.out.println("cannot be had: " + unknown);
        }
    }

    /** What can be said of any {@link io.lb4j.testing.child.HostProgram}. */
    void addAll(ChildJvm child, ProcessView process) {
        add("descriptors", () -> process.descriptors() + "\n" + String.join("\n", process.sockets()));
        add("threads", () -> process.jcmd("Thread.print", "-l"));
        add("objects", () -> process.jcmd("GC.class_histogram")
                .lines()
                .filter(line -> line.contains("io.lb4j") || line.contains("sun.nio.ch"))
                .collect(Collectors.joining("\n")));
        add("what it logged, last lines", () -> {
            List<String> lines = child.errors();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - MOST_LOGGED), lines.size()));
        });
        add("insides", () -> {
            StringBuilder lines = new StringBuilder();
            child.tell("insides");
            for (String line = child.line(); !line.equals("end"); line = child.line()) {
                lines.append(line).append('\n');
            }
            return lines.toString();
        });
    }

    void end() {
        System.out.println("==== end");
    }
}
