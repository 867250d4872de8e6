package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** System calls as two further columns of a work's table, which are not there where none were counted; and each by name. */
final class CallsReport {
    private final List<Calls> all;

    CallsReport(List<Calls> all) {
        this.all = all;
    }

    /** A line for each call of each program, those made most often first. */
    String csv() {
        String head = "work,program,count,call,calls,calls_per_unit,unit,waiting\n";
        return all.stream().map(CallsReport::csv).collect(Collectors.joining("", head, ""));
    }

    private static String csv(Calls calls) {
        return calls.byName().entrySet().stream()
                .sorted(Comparator.comparingLong(Map.Entry<String, Long>::getValue)
                        .reversed()
                        .thenComparing(Map.Entry::getKey))
                .map(call -> String.join(
                        ",",
                        calls.work().key(),
                        calls.program(),
                        Long.toString(calls.count()),
                        call.getKey(),
                        call.getValue().toString(),
                        Figure.number("%.4f", calls.perUnit(call.getValue())),
                        calls.work().callsUnit(),
                        Boolean.toString(Calls.isWaiting(call.getKey()))))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    String head(Work work) {
        return wereCounted(work) ? " system calls/" + work.callsUnit() + " | without waiting |" : "";
    }

    String lines(Work work) {
        return wereCounted(work) ? "---:|---:|" : "";
    }

    String cells(Work work, String program) {
        if (!wereCounted(work)) {
            return "";
        }
        return all.stream()
                .filter(calls -> calls.work().equals(work) && calls.program().equals(program))
                .map(calls ->
                        " " + Figure.of(calls.perUnit()) + " | " + Figure.of(calls.perUnitWithoutWaiting()) + " |")
                .findFirst()
                .orElse("  |  |");
    }

    private boolean wereCounted(Work work) {
        return all.stream().anyMatch(calls -> calls.work().equals(work));
    }
}
