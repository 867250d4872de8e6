package io.lb4j.testing.child;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.CheckResult;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.event.AccessLog;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.testing.Insides;
import io.lb4j.testing.LeakCheck;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import org.slf4j.LoggerFactory;

/**
 * An application with a balancer in it, that runs short of one thing after another when it is told to. Arguments: a seed;
 * how much direct memory it has; how many connections it allows; the milliseconds between checks, 0 for none, and between
 * looks at the file; the file of the backends, and their ids.
 */
public final class HostProgram {
    private static final int FIRST_ID = 6;

    private HostProgram() {}

    public static void main(String[] arguments) throws IOException {
        long seed = Long.parseLong(arguments[0]);
        int limit = Integer.parseInt(arguments[2]);
        LoadBalancer lb = start(arguments, limit);
        String[] ids = new String[arguments.length - FIRST_ID];
        System.arraycopy(arguments, FIRST_ID, ids, 0, ids.length);
        Operator operator = new Operator(lb, ids, limit, seed);
        Thread thread = new Thread(operator, "operator");
        thread.setDaemon(true);
        thread.start();
        System.out.println("port " + lb.port());
        serve(lb, operator, new Hunger(Long.parseLong(arguments[1]), seed));
    }

    private static LoadBalancer start(String[] arguments, int limit) {
        long checks = Long.parseLong(arguments[3]);
        Duration looks = Duration.ofMillis(Long.parseLong(arguments[4]));
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .name("child")
                .eventLoops(2)
                .limits(limits -> limits.connections(limit))
                .discovery(BackendDiscovery.file(Path.of(arguments[5])), policy -> policy.interval(looks)
                        .vanishedAfter(Duration.ZERO))
                .outlierDetection(outlier -> outlier.consecutiveFailures(3))
                .listener(new LoadBalancerListener() {})
                .listener(LoadBalancerListener.async(accessLog(), Executors.newSingleThreadExecutor(task -> {
                    Thread thread = new Thread(task, "access-log");
                    thread.setDaemon(true);
                    return thread;
                })));
        if (checks == 0) {
            builder.noHealthCheck().noOutlierDetection();
        } else {
            builder.healthCheck(
                    check -> check.interval(Duration.ofMillis(checks)).timeout(Duration.ofSeconds(2)));
        }
        return builder.start();
    }

    /** Every line is made, and goes nowhere. */
    private static AccessLog accessLog() {
        Logger logger = (Logger) LoggerFactory.getLogger("access");
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        return AccessLog.to(logger);
    }

    private static void serve(LoadBalancer lb, Operator operator, Hunger hunger) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String answer;
            try {
                answer = answer(lb, operator, hunger, line.split(" "));
            } catch (Throwable failure) {
                answer = "failed " + failure + " " + List.of(failure.getStackTrace());
            }
            System.out.println(answer);
        }
    }

    private static String answer(LoadBalancer lb, Operator operator, Hunger hunger, String[] command) {
        switch (command[0]) {
            case "state":
                return state(lb, operator, hunger);
            case "insides":
                return String.join("\n", Insides.of(lb)) + "\nend";
            case "held":
                return "held " + Insides.bytesHeld(lb);
            case "close":
                lb.close();
                return "closed " + lb.isClosed() + " " + LeakCheck.threadsLeft();
            default:
                return runShort(operator, hunger, command);
        }
    }

    private static String runShort(Operator operator, Hunger hunger, String[] command) {
        operator.begin();
        String taken = hunger.feel(command[0], Long.parseLong(command[1]));
        operator.putBack();
        return taken;
    }

    /** One line, its parts separated by tabs: the gauges, then one part for each backend. */
    private static String state(LoadBalancer lb, Operator operator, Hunger hunger) {
        var proxy = lb.stats().proxy();
        StringBuilder line = new StringBuilder()
                .append(proxy.active())
                .append(' ')
                .append(operator.openPromises())
                .append("\taccepted=")
                .append(proxy.accepted())
                .append(" closed=")
                .append(proxy.closed())
                .append(" acceptPauses=")
                .append(proxy.acceptPauses())
                .append(" acceptFailures=")
                .append(proxy.acceptFailures())
                .append(" guestFailures=")
                .append(proxy.guestFailures())
                .append(" heap=")
                .append(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed())
                .append(" direct=")
                .append(hunger.directUsed());
        for (BackendState backend : lb.backends().list()) {
            line.append('\t')
                    .append(backend.backend().id())
                    .append(' ')
                    .append(backend.status())
                    .append(' ')
                    .append(backend.activeConnections())
                    .append(' ')
                    .append(backend.lastCheck().map(HostProgram::age).orElse(Long.MAX_VALUE))
                    .append(' ')
                    .append(backend.reason());
        }
        return line.toString();
    }

    private static long age(CheckResult check) {
        return Duration.between(check.at(), Instant.now()).toMillis();
    }
}
