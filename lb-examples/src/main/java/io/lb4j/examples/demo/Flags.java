package io.lb4j.examples.demo;

import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What is wrong with a flag is said in one way: {@code Invalid value for option '--listen': ...}. */
final class Flags {
    private final CommandSpec spec;

    Flags(CommandSpec spec) {
        this.spec = spec;
    }

    /** The builder checks the value; what it says against it is told with the name of the flag. */
    <T> void set(String flag, T value, Consumer<T> setter) {
        if (value == null) {
            return;
        }
        try {
            setter.accept(value);
        } catch (IllegalArgumentException wrong) {
            throw invalid(flag, wrong.getMessage(), wrong);
        }
    }

    void refuseWith(String flag, String... others) {
        for (String other : others) {
            if (spec.commandLine().getParseResult().hasMatchedOption(other)) {
                throw wrong(other + " makes no sense with " + flag, null);
            }
        }
    }

    ParameterException invalid(String flag, String why, Throwable cause) {
        return wrong("Invalid value for option '" + flag + "': " + why, cause);
    }

    ParameterException wrong(String message, Throwable cause) {
        return new ParameterException(spec.commandLine(), message, cause);
    }
}
