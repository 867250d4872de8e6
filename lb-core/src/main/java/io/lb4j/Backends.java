package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendChanges;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.internal.pool.Administration;
import io.lb4j.internal.pool.BackendPool;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Polling;
import io.lb4j.internal.util.Promises;
import io.lb4j.proxy.DrainResult;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The backends of one pool of a running balancer: who there is, and changing that. Every method can be called from any thread.
 *
 * <p>A change takes effect before its method returns: from then on no connection goes to a backend that was taken out.
 * It holds for new connections. Counters, rotation and health of backends that a change does not name go on untouched.
 * A method that takes an id throws {@link NoSuchElementException}, with the ids there are, when there is none like it. One
 * that changes something throws {@link IllegalStateException} when the balancer is closed or being closed; reading goes on.
 *
 * <p>What depends on a result runs on a thread that nobody waits for but {@link LoadBalancer#close}.
 *
 * <p>Up to 10,000 backends are supported. A change of one of them, by these methods, a check or an ejection, copies some
 * arrays of that length (0.1 ms for 10,000); {@link #replaceAll} is a pass over the old list and the new one (some
 * milliseconds). Changes wait for each other; picks wait for none of them, but for the one in a while that gives backends
 * in slow start their next share. {@link #get} looks at one backend, {@link #list} at all. What a pick costs is said at
 * each {@linkplain io.lb4j.selection.BackendSelector selector}.
 */
public final class Backends {
    private final BackendPool pool;
    private final Administration administration;
    private final Promises promises;
    private final Admission admission;
    private final Consumer<Backend> gate;

    /** @param gate throws when a backend must not be added, as it was admitted */
    Backends(BackendPool pool, Promises promises, Admission admission, Consumer<Backend> gate) {
        this.pool = pool;
        this.promises = promises;
        this.administration = pool.administration();
        this.admission = admission;
        this.gate = gate;
    }

    /**
     * Every backend with its status at this moment, those that are LEAVING too, in the order in which they were added;
     * unmodifiable.
     */
    public List<BackendState> list() {
        return pool.states();
    }

    /** One backend with its status at this moment. */
    public BackendState get(String id) {
        return pool.state(Checks.notNull("id", id));
    }

    /**
     * Whether as many are UP and can be chosen as {@linkplain LoadBalancerBuilder#minimumHealthy have to be}: by default
     * one. With fewer, what {@link LoadBalancerBuilder#whenNoneHealthy} says holds.
     */
    public boolean areEnough() {
        return pool.hasEnough();
    }

    /**
     * Waits until a backend has a status: for tests, and for whoever adds one and wants it to be UP before the next step.
     * Not for listeners, selectors and health checkers: they would wait for themselves.
     *
     * <pre>{@code
     * if (!lb.backends().awaitStatus("green-1", BackendStatus.UP, Duration.ofSeconds(10))) {
     *     throw new IllegalStateException(lb.backends().get("green-1").reason());
     * }
     * }</pre>
     *
     * @param atMost how long to wait
     * @return whether it has that status by then
     * @throws NoSuchElementException when there is no such backend, or no more
     * @throws IllegalArgumentException when {@code atMost} is negative
     * @throws InterruptedException when the calling thread is interrupted
     */
    public boolean awaitStatus(String id, BackendStatus status, Duration atMost) throws InterruptedException {
        Checks.notNull("id", id);
        Checks.notNull("status", status);
        return Polling.await(() -> pool.state(id).status() == status, atMost);
    }

    /**
     * Adds a backend. Its first check is made at once, and until that has passed it is DOWN and gets no connections: it
     * may not be what it should be. While no other backend can be chosen it is tried nevertheless, unless backends are
     * {@linkplain io.lb4j.health.HealthCheckPolicy.Builder#initiallyDown initially DOWN}. The first one of an empty list,
     * and all where nothing is checked, are UP at once. It warms up, if there is a slow start.
     *
     * <p>One that is still LEAVING, of this id, host and port, is here again, with its connections, its counters and what
     * checks have found; a drain is called off, and what an operator said of its weight counts no more. When one at
     * another place leaves under this id, that one is called {@code id@host:port} from now on, so that both can be told
     * apart; to listeners it is another backend from then on. One that has gone for good comes as a new one, without a
     * history.
     *
     * @throws IllegalArgumentException when there is a backend of this id that is not LEAVING, another pool has one, or
     *     {@link LoadBalancerBuilder#eachBackend} refuses it
     * @throws IllegalStateException when it is the balancer's own listener
     */
    public void add(Backend backend) {
        Backend admitted = admission.admit(Checks.notNull("backend", backend));
        gate.accept(admitted);
        administration.add(admitted);
    }

    /**
     * Removes a backend: it gets no new connections; those it has may go on for as long as they like. Until the last of
     * them has ended it is {@linkplain io.lb4j.backend.BackendStatus#LEAVING LEAVING}: in the list, checked, and known to
     * {@link #drain} and to a second {@code remove}, which can give it a grace. Then it is in the list no more; when it
     * has no connection, that is at once. One that is just being connected to it tries another backend.
     *
     * @return completes when the last of its connections has ended; exceptionally, because of a
     *     {@link java.util.concurrent.CancellationException}, when the balancer is closed before
     */
    public CompletableFuture<DrainResult> remove(String id) {
        return promises.of(administration.remove(Checks.notNull("id", id), null));
    }

    /**
     * Removes a backend; connections it still has when the grace is over are reset, with
     * {@link io.lb4j.event.CloseReason#BACKEND_DRAINED}.
     *
     * @param grace how long its connections may go on; zero resets them now
     * @return completes when the last of its connections has ended, with how many did so by themselves and how many were
     *     reset; exceptionally, because of a {@link java.util.concurrent.CancellationException}, when the balancer is
     *     closed before
     * @throws IllegalArgumentException when {@code grace} is negative
     */
    public CompletableFuture<DrainResult> remove(String id, Duration grace) {
        return promises.of(administration.remove(Checks.notNull("id", id), Checks.notNegative("grace", grace)));
    }

    /**
     * Lets a backend finish: it gets no new connections, and connections it still has when the grace is over are reset.
     * It stays in the list, DRAINING also when its last connection has ended, until it is {@linkplain #undrain put back}
     * or removed. One that is LEAVING stays that, and is gone when its last connection has ended. A second call can
     * shorten the grace, not lengthen it, and has the result of the first: all since its begin.
     *
     * @param grace how long its connections may go on; zero resets them now
     * @return completes when the last of its connections has ended, with how many did so by themselves and how many were
     *     reset; exceptionally, because of a {@link java.util.concurrent.CancellationException}, when it is put back
     *     or disabled, or the balancer is closed, before
     * @throws IllegalArgumentException when {@code grace} is negative
     */
    public CompletableFuture<DrainResult> drain(String id, Duration grace) {
        return promises.of(administration.drain(Checks.notNull("id", id), Checks.notNegative("grace", grace)));
    }

    /** Puts a backend back that drains; the same as {@link #enable}. */
    public void undrain(String id) {
        enable(id);
    }

    /**
     * Takes a backend out until it is enabled again: no new connections; those it has go on. Its checks go on too. It
     * cannot be one that is LEAVING, nor can it for {@link #enable} and {@link #weight}: it is {@linkplain #add added}
     * to have it back.
     */
    public void disable(String id) {
        administration.disable(Checks.notNull("id", id));
    }

    /** Puts a backend back that is disabled or drains. It is UP at once if its checks have passed meanwhile. */
    public void enable(String id) {
        administration.enable(Checks.notNull("id", id));
    }

    /**
     * Gives a backend another weight. It keeps that, as it stays disabled: what a discovery answers or {@link
     * #replaceAll} says of its weight counts for nothing until it is removed. So what ends it is another call of this
     * method, or that the backend is removed: one that comes back later has the weight of its list.
     *
     * @param weight 0..1000; 0 means no new connections
     * @throws IllegalArgumentException when the weight is out of range
     */
    public void weight(String id, int weight) {
        administration.weight(Checks.notNull("id", id), weight);
    }

    /**
     * Makes these the backends, all at once: new connections see the old list or the new one. Those of a known id, host
     * and port stay, with their connections, counters and health, and get what is new of their weight, priority, limit
     * and labels, but for a {@linkplain #weight weight} that was given to them here; a known id at another place is a new
     * backend. What is not among them is removed, as by {@link #remove(String)}, and what is among them and LEAVING is
     * here again, as by {@link #add}; what is new is checked before it gets connections, as there. An empty list is allowed: then clients are refused.
     *
     * @return what was changed
     * @throws IllegalArgumentException when two of them have the same id, another pool has one of the same id, or
     *     {@link LoadBalancerBuilder#eachBackend} refuses one; then nothing has changed
     * @throws IllegalStateException when one of them is the balancer's own listener; then nothing has changed
     */
    public BackendChanges replaceAll(List<Backend> backends) {
        return administration.replaceAll(admitted(backends));
    }

    /**
     * As {@link #replaceAll(List)}; connections that those which are removed by this call still have when the grace is
     * over are reset, with {@link io.lb4j.event.CloseReason#BACKEND_DRAINED}.
     *
     * @param grace how long their connections may go on; zero resets them now
     * @throws IllegalArgumentException as {@link #replaceAll(List)}, or when {@code grace} is negative; then nothing has
     *     changed
     */
    public BackendChanges replaceAll(List<Backend> backends, Duration grace) {
        Checks.notNegative("grace", grace);
        return administration.replaceAll(admitted(backends), grace);
    }

    private List<Backend> admitted(List<Backend> backends) {
        backends.forEach(backend -> Checks.notNull("backend", backend));
        List<Backend> admitted = admission.admit(backends);
        admitted.forEach(gate);
        return admitted;
    }
}
