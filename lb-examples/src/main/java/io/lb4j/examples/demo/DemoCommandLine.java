package io.lb4j.examples.demo;

import io.lb4j.access.Cidr;
import io.lb4j.access.ClientLimits;
import io.lb4j.backend.Backend;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.Transport;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The demo as picocli runs it: how values are read, and how what is wrong is reported. */
final class DemoCommandLine {
    private DemoCommandLine() {}

    static CommandLine of(Demo demo) {
        return new CommandLine(demo)
                .registerConverter(HostAndPort.class, reading(HostAndPort::parseListener))
                .setExpandAtFiles(false) // there is --config
                .registerConverter(Listen.class, reading(Listen::parse))
                .registerConverter(PoolBackends.class, reading(PoolBackends::parse))
                .registerConverter(Backend.class, reading(FlagValues::backend))
                .registerConverter(AccessRule.class, reading(AccessRule::parse))
                .registerConverter(Cidr.class, reading(Cidr::parse))
                .registerConverter(ConnectWhen.class, reading(FlagValues::connectWhen))
                .registerConverter(TlsRule.class, reading(TlsRule::parse))
                .registerConverter(ByteRate.class, reading(ByteRate::parse))
                .registerConverter(WaitingLine.class, reading(WaitingLine::parse))
                .registerConverter(ClientLimits.Rate.class, reading(FlagValues::rate))
                .registerConverter(Duration.class, reading(FlagValues::duration))
                .registerConverter(Transport.class, reading(FlagValues::transport))
                .registerConverter(Supplier.class, reading(Selectors::named))
                .setParameterExceptionHandler(DemoCommandLine::reportUsageError)
                .setExecutionExceptionHandler(DemoCommandLine::reportFailure);
    }

    private static <T> ITypeConverter<T> reading(Function<String, T> parser) {
        return text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        };
    }

    /** One line, whatever was typed: nobody reads the second one, and scripts log the first. */
    private static int reportUsageError(ParameterException error, String[] args) {
        String message = error.getMessage().replaceAll("\\p{Cntrl}+", " ");
        error.getCommandLine().getErr().println("lb-examples: " + message + " (" + nearMiss(error) + "see --help)");
        return ExitCode.USAGE;
    }

    /** What was meant, if a flag is spelled almost like another. */
    private static String nearMiss(ParameterException error) {
        Throwable wrong = error.getCause() instanceof UnmatchedArgumentException ofLine ? ofLine : error;
        List<String> near = wrong instanceof UnmatchedArgumentException unknown ? nearest(unknown) : List.<String>of();
        return near.isEmpty() ? "" : "did you mean " + String.join(" or ", near) + "? ";
    }

    /** Of those that are like what was typed, the ones that it begins with, if there are any. */
    private static List<String> nearest(UnmatchedArgumentException unknown) {
        List<String> near = unknown.getSuggestions();
        String typed = unknown.getUnmatched().get(0);
        List<String> begun = near.stream().filter(typed::startsWith).toList();
        return begun.isEmpty() ? near : begun;
    }

    private static int reportFailure(Exception failure, CommandLine commandLine, ParseResult parsed) {
        commandLine.getErr().println("lb-examples: unexpected failure");
        failure.printStackTrace(commandLine.getErr());
        return ExitCode.SOFTWARE;
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Demo.class.getPackage().getImplementationVersion();
            return new String[] {"lb4j " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
