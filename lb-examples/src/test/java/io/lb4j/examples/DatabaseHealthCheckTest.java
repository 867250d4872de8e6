package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.examples.testing.Postgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The database example against a real PostgreSQL that is stopped and started. Skipped where there is none. */
@Timeout(120)
class DatabaseHealthCheckTest {
    @TempDir
    Path folder;

    @Test
    void realPostgres_stoppedAndStarted_isOutAndIn() throws Exception {
        LinkedBlockingQueue<BackendStatusChanged> changes = new LinkedBlockingQueue<>();
        try (Postgres postgres = Postgres.start(folder);
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", postgres.port())
                        .healthCheck(check -> check.checker(DatabaseHealthCheck.answersAQuery("postgres", "postgres"))
                                .interval(Duration.ofSeconds(1))
                                .awaitFirstChecks(Duration.ofSeconds(20)))
                        .listener(new LoadBalancerListener() {
                            @Override
                            public void backendStatusChanged(BackendStatusChanged event) {
                                changes.add(event);
                            }
                        })
                        .start()) {
            assertThat(lb.backends().list().get(0).status()).isEqualTo(BackendStatus.UP);
            assertThat(next(changes).to()).isEqualTo(BackendStatus.UP);
            postgres.stop();
            BackendStatusChanged out = next(changes);
            assertThat(out.to()).isEqualTo(BackendStatus.DOWN);
            assertThat(out.reason()).startsWith("after 2 failed checks (");
            assertThat(postgres.startAgain()).isTrue();
            assertThat(next(changes).to()).isEqualTo(BackendStatus.UP);
        }
    }

    private static BackendStatusChanged next(LinkedBlockingQueue<BackendStatusChanged> changes)
            throws InterruptedException {
        BackendStatusChanged change = changes.poll(30, TimeUnit.SECONDS);
        assertThat(change).as("a status change").isNotNull();
        return change;
    }
}
