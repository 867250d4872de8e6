package io.lb4j.internal.health;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;

/** Is told what checks found. Called on the control thread. */
public interface HealthSink {
    /**
     * A check has ended.
     *
     * @param backend the backend that was checked
     * @param status what its checks make it now
     * @param reason why, for people
     */
    void checked(Backend backend, BackendStatus status, String reason);
}
