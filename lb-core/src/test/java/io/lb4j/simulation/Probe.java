package io.lb4j.simulation;

import io.lb4j.simulation.Plan.BackendPlan;
import io.lb4j.simulation.Plan.RouterManners;
import io.lb4j.simulation.Plan.TalkPlan;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A client that comes when all is over, to see whether it is served. */
final class Probe {
    /** By then it has its backend, and no answer yet: as many as come together are open together. */
    static final long SERVED_AFTER = TimeUnit.MILLISECONDS.toNanos(90);

    private static final int SIZE = 100;
    private static final int BUFFER = 16_384;

    static final TalkPlan TALK = new TalkPlan(
            0,
            peer(Act.send(SIZE), Act.of(Act.Kind.AWAIT_READER), Act.of(Act.Kind.FIN)),
            List.of(new BackendPlan(
                    Plan.Dial.ACCEPTS,
                    0,
                    Plan.Place.HERE,
                    peer(
                            new Act(Act.Kind.AWAIT_BYTES, SIZE),
                            Act.pause(Duration.ofMillis(100)),
                            Act.send(SIZE),
                            Act.of(Act.Kind.FIN)))),
            RouterManners.GOOD,
            false);

    private Probe() {}

    private static PeerPlan peer(Act... writer) {
        return new PeerPlan(List.of(writer), List.of(Act.of(Act.Kind.READ_TO_END)), BUFFER, BUFFER);
    }
}
