package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.benchmarks.compare.CpuClock.Usage;
import io.lb4j.benchmarks.load.Load.Outcome;
import io.lb4j.benchmarks.load.Load.Paced;
import io.lb4j.benchmarks.load.Percentiles;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyReportTest {
    @Test
    void added_isWhatIsMoreThanTheSameRoundsDirectRun() {
        LatencyReport report = new LatencyReport(List.of(
                sample(1, "direct", 10, 0),
                sample(1, "haproxy", 30, 0),
                sample(1, "lb4j", 20, 0),
                sample(2, "direct", 20, 0),
                sample(2, "haproxy", 60, 0),
                sample(2, "lb4j", 50, 0),
                sample(3, "direct", 10, 0),
                sample(3, "haproxy", 50, 0),
                sample(3, "lb4j", 50, 0)));
        assertThat(report.markdown())
                .contains("### latency-30: 5,000 requests/s")
                .contains("| direct | 10.0 | 20.0 | 30.0 | 80.0 |  |  |  |  |  |  | 1.00 |")
                // Added 10, 30, 40 where HAProxy adds 20, 40, 40; the greatest of the maxima is that of 50.
                .contains("| lb4j | 50.0 | 100 | 150 | 200 | 30.0 | 60.0 | 90.0 | 0.75 | 0.75 | 0.75 | 1.00 |");
    }

    @Test
    void run_thatFailed_isInNoMedianButNamed() {
        LatencyReport report = new LatencyReport(
                List.of(sample(1, "direct", 10, 0), sample(1, "lb4j", 20, 0), sample(2, "lb4j", 90, 3)));
        assertThat(report.markdown())
                .contains("| lb4j | 20.0 |")
                .contains("**FAILED**, in no median: round 2, lb4j: 3 failures [reset]");
        assertThat(report.csv()).contains("\n2,30,5000,lb4j,100,90.0,180.0,270.0,360.0,0.5,1.0,2.0,4.000,0.000,3\n");
    }

    @Test
    void run_thatWaitedForItsCore_isNotToBeTrusted() {
        LatencyReport report =
                new LatencyReport(List.of(sample(1, "lb4j", 20, 0, 49_999), sample(2, "lb4j", 20, 0, 50_000)));
        assertThat(report.markdown()).contains("do not trust: lb4j (round 2)\n");
    }

    /** Half within so many microseconds, 99 % within twice, 99.9 % within three times, all within four times as many. */
    private static PacedSample sample(int round, String program, long micros, long failures) {
        return sample(round, program, micros, failures, 0);
    }

    private static PacedSample sample(int round, String program, long micros, long failures, long waited) {
        Percentiles latency = new Percentiles(micros * 1000, micros * 2000, micros * 3000, micros * 4000);
        Outcome outcome = new Outcome(100, 1_000_000, 100, failures, failures == 0 ? List.of() : List.of("reset"));
        Paced paced = new Paced(outcome, latency, new Percentiles(500, 1000, 1500, 2000));
        return new PacedSample(round, 30, 5000, program, paced, new Usage(400_000, 0), new Usage(0, waited));
    }
}
