package io.lb4j.internal.pool;

/** What loops report of the connections of a backend, and who draws a conclusion from it. Called on event loops. */
final class LoopReports implements PooledBackend.Observer {
    private final BackendPool pool;
    private final Outliers outliers;
    private final Dispatch dispatch;
    private final Administration administration;

    LoopReports(BackendPool pool, Outliers outliers, Dispatch dispatch, Administration administration) {
        this.pool = pool;
        this.outliers = outliers;
        this.dispatch = dispatch;
        this.administration = administration;
    }

    @Override
    public void connectsFailed(PooledBackend backend, int inARow, Throwable cause) {
        pool.hooks().doubted(backend);
        outliers.connectsFailed(backend, inARow, cause);
    }

    @Override
    public void resetEarly(PooledBackend backend, int inARow) {
        outliers.resetEarly(backend, inARow);
    }

    @Override
    public void endedEarly(PooledBackend backend, int inARow) {
        outliers.endedEarly(backend, inARow);
    }

    @Override
    public void limitCrossed(PooledBackend backend) {
        dispatch.limitCrossed(backend);
    }

    @Override
    public void roomGained() {
        dispatch.roomGained();
    }

    @Override
    public void closedAndIdle(PooledBackend backend) {
        administration.idle(backend);
    }
}
