package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StraceSummaryTest {
    /** HAProxy, a thousand short connections, strace 6.1. */
    private static final String WITH_ERRORS = """
            % time     seconds  usecs/call     calls    errors syscall
            ------ ----------- ----------- --------- --------- ----------------
             15.83    0.030041          15      1993           sendto
             15.33    0.029087          29      1000      1000 connect
             15.08    0.028604          14      1986           close
             13.85    0.026279           5      4557       571 recvfrom
             11.62    0.022042           6      3641           epoll_ctl
              6.40    0.012151          12      1000           shutdown
              5.87    0.011136           5      2000           setsockopt
              4.94    0.009364           9      1015        15 accept4
              4.59    0.008700           8      1000           socket
              2.47    0.004690           4      1000           fcntl
              2.37    0.004491          13       321           epoll_wait
              1.66    0.003150           4       644           clock_gettime
            ------ ----------- ----------- --------- --------- ----------------
            100.00    0.189735           9     20157      1586 total
            """;

    /** nginx, five thousand requests on kept connections, strace 6.1. */
    private static final String WITHOUT_ERRORS = """
            % time     seconds  usecs/call     calls    errors syscall
            ------ ----------- ----------- --------- --------- ----------------
             72.64    0.202625          20     10044           writev
             24.88    0.069386           6     10044           recvfrom
              2.48    0.006927          29       232           epoll_wait
            ------ ----------- ----------- --------- --------- ----------------
            100.00    0.278938          13     20320           total
            """;

    /** As those before version 5 write it. */
    private static final String OLDER = """
            % time     seconds  usecs/call     calls    errors syscall
            ------ ----------- ----------- --------- --------- ----------------
             72.64    0.202625          20     10044           writev
              2.48    0.006927          29       232        12 epoll_wait
            ------ ----------- ----------- --------- --------- ----------------
            100.00    0.209552                 10276        12 total
            """;

    @Test
    void callsThatFailed_areCountedAndNotTheirErrors() {
        Map<String, Long> calls = StraceSummary.parse(WITH_ERRORS);
        assertThat(calls)
                .hasSize(12)
                .containsEntry("connect", 1000L)
                .containsEntry("recvfrom", 4557L)
                .containsEntry("accept4", 1015L)
                .containsEntry("clock_gettime", 644L);
        assertThat(sum(calls)).as("what strace itself adds up").isEqualTo(20_157);
    }

    @Test
    void tableWithoutErrors_isReadAsWell() {
        assertThat(StraceSummary.parse(WITHOUT_ERRORS))
                .isEqualTo(Map.of("writev", 10_044L, "recvfrom", 10_044L, "epoll_wait", 232L));
    }

    @Test
    void total_isNoCallInAnyVersion() {
        assertThat(StraceSummary.parse(OLDER)).isEqualTo(Map.of("writev", 10_044L, "epoll_wait", 232L));
        assertThat(StraceSummary.parse(OLDER.replace("        12 total", "           total")))
                .isEqualTo(Map.of("writev", 10_044L, "epoll_wait", 232L));
    }

    @Test
    void tablesOfTwoAbis_areAddedUp() {
        String tables = "System call usage summary for 64 bit mode:\n" + WITHOUT_ERRORS
                + "System call usage summary for 32 bit mode:\n" + WITHOUT_ERRORS;
        assertThat(StraceSummary.parse(tables)).containsEntry("writev", 20_088L).hasSize(3);
    }

    @Test
    void callsOfNamesThatStraceDoesNotKnow_areCounted() {
        assertThat(StraceSummary.parse("  0.00    0.000000           0         3         3 syscall_0x1d3\n"))
                .isEqualTo(Map.of("syscall_0x1d3", 3L));
    }

    @Test
    void processesWithoutCalls_haveNone() {
        assertThat(StraceSummary.parse("")).isEmpty();
    }

    private static long sum(Map<String, Long> calls) {
        return calls.values().stream().mapToLong(Long::longValue).sum();
    }
}
