package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.benchmarks.compare.CpuClock.Usage;
import io.lb4j.benchmarks.load.Load.Outcome;
import io.lb4j.benchmarks.load.Work;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void median_ofEvenCount_isTheMeanOfTheMiddleTwo() {
        assertThat(Median.of(DoubleStream.of(4, 1, 3, 100))).isEqualTo(new Median(3.5, 1, 100));
    }

    @Test
    void ratio_ofRounds_isTheMedianOfRatiosAndNotTheRatioOfMedians() {
        Report report = report(
                sample(1, "haproxy", 10, 0), sample(1, "lb4j", 20, 0),
                sample(2, "haproxy", 30, 0), sample(2, "lb4j", 30, 0),
                sample(3, "haproxy", 40, 0), sample(3, "lb4j", 20, 0));
        assertThat(report.markdown()).contains("| lb4j | 1,000 | 20.0 | 20.0–30.0 | 1.00 | 1.00 |");
    }

    @Test
    void run_thatFailed_isInNoMedianButNamed() {
        Report report = report(sample(1, "haproxy", 10, 0), sample(2, "haproxy", 90, 7));
        assertThat(report.markdown())
                .contains("| haproxy | 1,000 | 10.0 | 10.0–10.0 | 1.00 |")
                .contains("**FAILED**, in no median: round 2, haproxy: 7 failures [reset]");
        assertThat(report.csv())
                .contains("\n2,requests-64,haproxy,1000,1.000,1000.000,90.0000,")
                .contains(",7\n");
    }

    @Test
    void run_inWhichTheProxyUsedNoCpu_isAFailure() {
        assertThat(sample(1, "nginx", 0, 0).failed()).isTrue();
        assertThat(sample(1, "direct", 0, 0).failed()).isFalse();
    }

    @Test
    void run_thatWaitedForItsCore_isNotToBeTrusted() {
        Sample quiet = sample(1, "haproxy", 10, 0);
        Usage waited = new Usage(quiet.proxy().ran(), SECOND / 10);
        Sample disturbed = new Sample(
                1, quiet.work(), quiet.program(), quiet.outcome(), waited, quiet.load(), OptionalLong.empty());
        assertThat(report(quiet).markdown()).doesNotContain("do not trust");
        assertThat(report(disturbed).markdown()).contains("do not trust: haproxy (1×)");
    }

    @Test
    void systemCalls_ofAWork_areItsLastColumns() {
        Samples samples = new Samples(List.of(sample(1, "direct", 0, 0), sample(1, "haproxy", 10, 0)));
        Calls calls = new Calls(Work.BUSY, "haproxy", 100, Map.of("recvfrom", 400L, "epoll_wait", 10L));
        String[] table =
                new Report(samples, new CallsReport(List.of(calls))).markdown().split("\n", -1);
        assertThat(table[2]).endsWith("| B allocated/request | system calls/request | without waiting |");
        assertThat(table[5]).startsWith("| haproxy |").endsWith("|  | 4.10 | 4.00 |");
        assertThat(List.of(table).subList(2, 6))
                .as("as many cells in each line")
                .allMatch(line -> line.chars().filter(c -> c == '|').count() == 12);
    }

    private static Report report(Sample... samples) {
        return new Report(new Samples(List.of(samples)), new CallsReport(List.of()));
    }

    /** A thousand requests within a second, at so many microseconds each. */
    private static Sample sample(int round, String program, long micros, long failures) {
        List<String> messages = failures == 0 ? List.of() : List.of("reset");
        return new Sample(
                round,
                Work.BUSY,
                program,
                new Outcome(1000, SECOND, 1000, failures, messages),
                new Usage(micros * 1000 * 1000, 0),
                new Usage(SECOND / 2, 0),
                OptionalLong.empty());
    }
}
