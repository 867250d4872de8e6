package io.lb4j.internal.jfr;

import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.HealthCheckEnded;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Telling;
import io.lb4j.tls.TlsFacts;

/** Records what happens as events of the flight recorder, while a recording wants them. */
final class JfrListener implements LoadBalancerListener, Telling.OnDemand {
    // One of each, to be asked whether it is recorded: the JIT makes a test of one field of it.
    private static final ConnectionEvent CONNECTION = new ConnectionEvent();
    private static final ConnectAttemptEvent ATTEMPT = new ConnectAttemptEvent();
    private static final HealthCheckEvent CHECK = new HealthCheckEvent();
    private static final BackendStatusEvent STATUS = new BackendStatusEvent();

    /** What the flight recorder takes for no time at all, and its tools show so. */
    private static final long NOT_AVAILABLE = Long.MIN_VALUE;

    private final String balancer;

    JfrListener(String balancer) {
        this.balancer = balancer;
    }

    @Override
    public boolean isWanted() {
        return CONNECTION.isEnabled() || ATTEMPT.isEnabled() || CHECK.isEnabled() || STATUS.isEnabled();
    }

    @Override
    public void connectAttemptFailed(ConnectAttemptFailed event) {
        if (ATTEMPT.isEnabled()) {
            ConnectAttemptEvent recorded = new ConnectAttemptEvent();
            recorded.connection = event.id();
            recorded.frontend = event.frontend();
            recorded.pool = event.backend().pool();
            recorded.backend = event.backend().id();
            recorded.attempt = event.attempt();
            recorded.took = event.duration().toNanos();
            recorded.failure = event.kind().name();
            recorded.message = event.cause().getMessage();
            recorded.balancer = balancer;
            recorded.commit();
        }
    }

    @Override
    public void connectionOpened(ConnectionOpened event) {
        if (ATTEMPT.isEnabled()) {
            ConnectAttemptEvent recorded = new ConnectAttemptEvent();
            recorded.connection = event.id();
            recorded.frontend = event.frontend();
            recorded.pool = event.backend().pool();
            recorded.backend = event.backend().id();
            recorded.attempt = event.attempts();
            recorded.took = event.connectTime().toNanos();
            recorded.succeeded = true;
            recorded.balancer = balancer;
            recorded.commit();
        }
    }

    private static void secured(ConnectionEvent recorded, TlsFacts tls) {
        recorded.tls = tls.protocol();
        recorded.cipherSuite = tls.cipherSuite();
        recorded.applicationProtocol = tls.applicationProtocol().orElse(null);
        recorded.clientCertificate = tls.peerCertificates().stream()
                .findFirst()
                .map(own -> own.getSubjectX500Principal().getName())
                .orElse(null);
    }

    @Override
    public void connectionClosed(ConnectionSummary summary) {
        if (CONNECTION.isEnabled()) {
            ConnectionEvent recorded = new ConnectionEvent();
            recorded.balancer = balancer;
            recorded.connection = summary.id();
            recorded.client = Hosts.join(summary.clientAddress());
            recorded.peer = Hosts.join(summary.peerAddress());
            recorded.frontend = summary.frontend();
            recorded.serverName = summary.serverName();
            if (summary.tls() != null) {
                secured(recorded, summary.tls());
            }
            if (summary.backend() != null) {
                recorded.pool = summary.backend().pool();
                recorded.backend = summary.backend().id();
            }
            recorded.backendAddress = summary.backendAddress() == null ? null : Hosts.join(summary.backendAddress());
            recorded.attempts = summary.attempts();
            recorded.queueTime = summary.queueTime().toNanos();
            recorded.connectTime = summary.connectTime().toNanos();
            recorded.timeToFirstByte = summary.timeToFirstByte() == null
                    ? NOT_AVAILABLE
                    : summary.timeToFirstByte().toNanos();
            recorded.lifetime = summary.duration().toNanos();
            recorded.bytesToBackend = summary.bytesToBackend();
            recorded.bytesToClient = summary.bytesToClient();
            recorded.reason = summary.reason().name();
            recorded.phase = summary.phase().name();
            recorded.endedBy = summary.endedBy().name();
            recorded.cause = summary.cause() == null ? null : summary.cause().toString();
            recorded.commit();
        }
    }

    @Override
    public void healthCheckEnded(HealthCheckEnded event) {
        if (CHECK.isEnabled()) {
            HealthCheckEvent recorded = new HealthCheckEvent();
            recorded.balancer = balancer;
            recorded.pool = event.backend().pool();
            recorded.backend = event.backend().id();
            recorded.passed = event.result().passed();
            recorded.message = event.result().message();
            recorded.took = event.result().duration().toNanos();
            recorded.commit();
        }
    }

    @Override
    public void backendStatusChanged(BackendStatusChanged event) {
        if (STATUS.isEnabled()) {
            BackendStatusEvent recorded = new BackendStatusEvent();
            recorded.balancer = balancer;
            recorded.pool = event.backend().pool();
            recorded.backend = event.backend().id();
            recorded.before = event.from().name();
            recorded.after = event.to().name();
            recorded.because = event.reason();
            recorded.commit();
        }
    }
}
