package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.HealthChecker;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.selection.BackendSelector;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * One address for a redis and its replicas: whoever connects talks to the master, also after another one has become it.
 * Takes their ports on this machine as arguments, 6379 and 6380 if there are none, and tells who is the master.
 *
 * <p>Somebody else promotes: Sentinel, or an operator with {@code REPLICAOF NO ONE}. Until then there is no master, and
 * connections are refused; a client that connects anew after that is with the new one within {@code checkEvery}, at most a
 * second. What a redis acknowledged before its replica had it is lost with it; {@code WAIT 1 ...} after a write says
 * whether the replica has it.
 *
 * <p>A master that died comes back as a master, without what was written meanwhile, and stays one until somebody makes it
 * a replica. Its check passes, and {@code onRecovery(STAY)} sends nobody there. Two things it cannot know: a balancer that
 * starts while there are two masters sends everybody to the first in its list; and who died and was back between two
 * checks has never been away.
 */
public final class RedisFailOver {
    private RedisFailOver() {}

    public static void main(String[] args) throws IOException {
        List<Integer> ports = Stream.of(args).map(Integer::valueOf).toList();
        run(ports.isEmpty() ? List.of(6379, 6380) : ports, System.out);
    }

    static void run(List<Integer> ports, PrintStream out) throws IOException {
        try (LoadBalancer lb = balancer(ports, Duration.ofSeconds(1))) {
            List<BackendState> backends = lb.backends().list();
            backends.forEach(state ->
                    out.println("Backend " + state.backend() + " is " + state.status() + " " + state.reason()));
            if (backends.stream().noneMatch(state -> state.status() == BackendStatus.UP)) {
                out.println("So there is nobody to write to");
                return;
            }
            out.println("Whoever connects talks to a " + role(lb.port()));
        }
    }

    /** @param checkEvery how often each redis is asked for its role; who fails twice is DOWN */
    static LoadBalancer balancer(List<Integer> ports, Duration checkEvery) {
        var builder = LoadBalancer.builder()
                .name("redis")
                // One gets everybody; with the check, the first who is a master.
                .selector(BackendSelector.first())
                .healthCheck(check -> check.checker(HealthChecker.redis().master())
                        .interval(checkEvery)
                        .awaitFirstChecks(Duration.ofSeconds(10)))
                // Who is no master any more, or hangs, keeps nobody who would go on writing there.
                .onDown(OnDown.CLOSE)
                .onRecovery(OnRecovery.STAY);
        ports.forEach(port -> builder.backend("127.0.0.1", port));
        return builder.start();
    }

    /** What redis answers to ROLE: an array whose first text is the role. */
    private static String role(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port);
                var answer =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            socket.getOutputStream().write("ROLE\r\n".getBytes(StandardCharsets.UTF_8));
            answer.readLine();
            answer.readLine();
            return answer.readLine();
        }
    }
}
