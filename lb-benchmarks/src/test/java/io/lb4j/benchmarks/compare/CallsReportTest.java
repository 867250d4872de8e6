package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lb4j.benchmarks.load.Work;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CallsReportTest {
    private static final Work STREAMS = Catalogue.works(List.of("streams-1")).get(0);

    @Test
    void calls_ofAUnit_areAllOfThemAndThoseThatDoNotWait() {
        Calls calls = new Calls(Work.BUSY, "haproxy", 100, Map.of("recvfrom", 300L, "epoll_wait", 20L, "futex", 5L));
        assertThat(calls.perUnit()).isEqualTo(3.25, within(1e-9));
        assertThat(calls.perUnitWithoutWaiting()).isEqualTo(3, within(1e-9));
    }

    @Test
    void calls_ofAStream_areForAMiB() {
        Calls calls = new Calls(STREAMS, "haproxy", 4 << 20, Map.of("recvfrom", 256L));
        assertThat(calls.perUnit()).isEqualTo(64, within(1e-9));
        CallsReport report = new CallsReport(List.of(calls));
        assertThat(report.head(STREAMS)).isEqualTo(" system calls/MiB | without waiting |");
    }

    @Test
    void columns_ofAWorkWhoseCallsWereCounted_haveAPlaceForEveryProgram() {
        CallsReport report = new CallsReport(List.of(
                new Calls(Work.BUSY, "haproxy", 100, Map.of("recvfrom", 400L, "epoll_wait", 10L)),
                new Calls(Work.BUSY, "nginx", 100, Map.of("recvfrom", 300L))));
        assertThat(report.head(Work.BUSY)).isEqualTo(" system calls/request | without waiting |");
        assertThat(report.lines(Work.BUSY)).isEqualTo("---:|---:|");
        assertThat(report.cells(Work.BUSY, "haproxy")).isEqualTo(" 4.10 | 4.00 |");
        assertThat(report.cells(Work.BUSY, "nginx")).isEqualTo(" 3.00 | 3.00 |");
        assertThat(report.cells(Work.BUSY, "direct")).isEqualTo("  |  |");
    }

    @Test
    void columns_ofAWorkWhoseCallsWereNotCounted_areNotThere() {
        CallsReport report = new CallsReport(List.of(new Calls(STREAMS, "haproxy", 100, Map.of("read", 1L))));
        assertThat(report.head(Work.BUSY)).isEmpty();
        assertThat(report.lines(Work.BUSY)).isEmpty();
        assertThat(report.cells(Work.BUSY, "haproxy")).isEmpty();
    }

    @Test
    void csv_hasALineForEachCall_thoseMadeMostOftenFirst() {
        CallsReport report = new CallsReport(
                List.of(new Calls(Work.BUSY, "nginx", 8, Map.of("epoll_wait", 1L, "recvfrom", 16L, "writev", 16L))));
        assertThat(report.csv()).isEqualTo("""
                work,program,count,call,calls,calls_per_unit,unit,waiting
                requests-64,nginx,8,recvfrom,16,2.0000,request,false
                requests-64,nginx,8,writev,16,2.0000,request,false
                requests-64,nginx,8,epoll_wait,1,0.1250,request,true
                """);
    }
}
