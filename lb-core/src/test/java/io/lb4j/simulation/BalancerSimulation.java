package io.lb4j.simulation;

import io.lb4j.Backends;
import io.lb4j.LoadBalancer;
import io.lb4j.OnPlatform;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.health.CheckAnswer;
import io.lb4j.health.HealthChecker;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnRecovery;
import io.lb4j.internal.util.ControlLoop;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.internal.util.SteppedTask;
import io.lb4j.proxy.DrainResult;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.Candidates;
import io.lb4j.selection.ClientConnection;
import io.lb4j.testing.EventOrder;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A whole balancer in virtual time: pool, health checks and all. Its backends fail and recover, its clients ask each
 * for one answer.
 */
final class BalancerSimulation {
    /** How a backend is from some moment on. */
    enum Health {
        WELL,
        /** Refuses connections and fails its checks. */
        REFUSES,
        /** Answers neither connections nor checks. */
        SILENT
    }

    /** A change of a backend's health. */
    record Change(long at, int backend, Health health) {}

    record Plan(
            long seed,
            int backends,
            Duration interval,
            Duration timeout,
            int healthyAfter,
            int unhealthyAfter,
            List<Long> clients,
            List<Change> changes,
            boolean checkersIgnoreInterrupts,
            boolean guestsThrow) {}

    record Outcome(
            String objection,
            int connections,
            int checks,
            int calledOff,
            int takeOvers,
            int refused,
            int servedByOthers,
            long trace,
            List<BackendStatusChanged> events,
            Exits exits) {}

    /** The checks of one backend. One that is gone and added again has others. */
    private static final class Checks {
        long beganAt;
        boolean checked;
        boolean checking;
    }

    /** What is known of one backend. */
    static final class Member {
        final int place;

        /** What events said last; null before they have said something. */
        BackendStatus status;

        long statusAt;
        Checks checks = new Checks();
        long picks;
        boolean removed;

        /** How many connections it had when the drain began that is under way. */
        int drainedFrom;

        Member(int place) {
            this.place = place;
        }

        Backend backend(String id, boolean tiers) {
            return Backend.of("10.2.0." + place, 9).withId(id).withPriority(tiers ? place : 0);
        }
    }

    private static final long CONNECT_TIMEOUT = TimeUnit.SECONDS.toNanos(1);
    private static final long LONG_ENOUGH_TO_END = TimeUnit.HOURS.toNanos(1);
    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * A health thread begins up to 3 ms later than it was asked to, and a check that begins up to 5 ms after its time
     * counts as begun in time.
     */
    private static final long A_MOMENT = TimeUnit.MILLISECONDS.toNanos(8);

    /** For backends that the discovery has dropped. */
    private static final Duration GRACE = Duration.ofMillis(700);

    /** In this time a discovery that tells of changes is followed: a pause of 100 ms, and some messages. */
    private static final long PROMPT = TimeUnit.MILLISECONDS.toNanos(200);

    private static final int REQUEST = 300;
    private static final int RESPONSE = 5000;

    private final Plan plan;
    private final Verdict verdict = new Verdict();
    private final Exits exits;
    private final Timeline timeline;
    private final SimNet net;
    private final SimWorkers workers;
    private final List<SimLoop> loops = new ArrayList<>();
    private final List<SimControl> controls = new ArrayList<>();

    /** How the backend at each place is, whatever its id is at the moment. */
    private final List<Health> healths = new ArrayList<>();

    /** The id of the backend at each place; one that was removed and is back has the same or another one. */
    private final List<String> ids = new ArrayList<>();

    /** All there have been, by id. */
    private final Map<String, Member> members = new HashMap<>();

    private final List<SimPeer> clients = new ArrayList<>();
    private final Map<InetSocketAddress, Integer> byAddress = new HashMap<>();
    private final List<BackendStatusChanged> events = new ArrayList<>();
    private final EventOrder order;
    private final Onlooker onlooker;
    private final Reign reign = new Reign();
    private final ComingAndGoing others;
    private final List<CompletionStage<Integer>> rebalanced = new ArrayList<>();
    private final List<CompletionStage<DrainResult>> drains = new ArrayList<>();

    // Null when the start failed, as it may with the error that was thrown then.
    private final LoadBalancer balancer;
    /** Places that the discovery does not know of. */
    private final BitSet missing = new BitSet();

    private Runnable told = () -> {};
    private long flippedAt;
    private int checks;
    private int questions;
    private long askedAt;
    private int accepted;
    private int refused;
    private long statusAt;
    private int summaries;
    private int internalErrors;
    private int calledOff;

    private BalancerSimulation(Plan plan, Exits exits) {
        this.plan = plan;
        this.exits = exits;
        timeline = new Timeline(plan.seed(), plan.seed());
        net = new SimNet(timeline, new Faults(), exits, this::dial);
        workers = new SimWorkers(timeline, exits);
        for (int i = 0; i < plan.backends(); i++) {
            healths.add(Health.WELL);
            ids.add("b" + i);
            members.put("b" + i, new Member(i));
        }
        others = new ComingAndGoing(timeline, net, verdict, exits);
        onlooker = new Onlooker(plan.seed(), timeline, verdict, exits);
        order = new EventOrder(what -> verdict.require(false, "events out of order", what));
        net.witness(new SimNet.Witness() {
            @Override
            public void accepted(SimSocketChannel channel) {
                accepted++;
            }
        });
        balancer = exits.orNull(this::start);
    }

    static Outcome run(Plan plan) {
        return run(plan, new Exits(null));
    }

    /** The same, and one of the engine's calls fails as {@code exits} says. */
    static Outcome run(Plan plan, Exits exits) {
        BalancerSimulation simulation = new BalancerSimulation(plan, exits);
        if (simulation.balancer == null) {
            simulation.judgeFailedStart();
        } else {
            simulation.run();
        }
        int takeOvers = simulation.reign.judge(simulation.verdict, exits.hasStruck());
        return new Outcome(
                simulation.verdict.objection(),
                plan.clients().size(),
                simulation.checks,
                simulation.calledOff,
                takeOvers,
                simulation.refused,
                simulation.others.served(),
                simulation.timeline.trace(),
                simulation.events,
                exits);
    }

    private void judgeFailedStart() {
        runFor(LONG_ENOUGH_TO_END);
        verdict.require(controls.stream().allMatch(SimControl::hasEnded), "the control thread goes on", exits);
        verdict.require(loops.stream().allMatch(SimLoop::isEnded), "a loop goes on after a start that failed", exits);
        verdict.require(net.openDescriptors() == 0, "descriptors left open by a start that failed", exits);
    }

    private LoadBalancer start() {
        Platform platform = new Platform(net, this::clock, this::random, this::thread, workers);
        var builder = OnPlatform.builder(platform)
                .name("sim")
                .listen("10.0.0.1", 80)
                .eventLoops(2)
                .timeouts(timeouts -> timeouts.connect(Duration.ofNanos(CONNECT_TIMEOUT)))
                .selector(new WatchedRoundRobin())
                .listener(new FailingListener(exits))
                .listener(new Listener())
                .listener(order)
                .listener(onlooker)
                .healthCheck(check -> check.checker(HealthChecker.answering(this::ask))
                        .interval(plan.interval())
                        .timeout(plan.timeout())
                        .healthyAfter(plan.healthyAfter())
                        .unhealthyAfter(plan.unhealthyAfter()));
        builder.onRecovery(onRecovery());
        if (stopsListening()) {
            builder.whenNoneHealthy(NoneHealthy.STOP_LISTENING);
        }
        if (plan.seed() % 2 == 1) {
            // So that checks alone decide, in every other run.
            builder.noOutlierDetection();
        }
        for (int i = 0; i < plan.backends(); i++) {
            byAddress.put(new InetSocketAddress("10.2.0." + i, 9), i);
            builder.backend(member(ids.get(i)).backend(ids.get(i), hasTiers()));
        }
        if (hasDiscovery()) {
            builder.discovery(new Registry(), policy -> {
                policy.interval(plan.interval());
                if (forgetsAtOnce()) {
                    policy.vanishedAfter(Duration.ZERO);
                }
                if (hasGrace()) {
                    policy.removeWithin(GRACE);
                }
            });
        }
        return builder.start();
    }

    private long clock() {
        exits.call(Exit.CLOCK);
        return timeline.getAsLong();
    }

    private long random() {
        exits.call(Exit.RANDOM);
        return timeline.nextLong();
    }

    private Thread thread(Runnable body) {
        exits.call(Exit.NEW_THREAD);
        return new SimThread(body);
    }

    private boolean hasOperator() {
        return plan.seed() % 3 == 2;
    }

    /** In these runs each backend is a tier of its own, and nobody but checks and connections decides. */
    private boolean hasTiers() {
        return plan.seed() % 6 == 0;
    }

    private OnRecovery onRecovery() {
        int turn = (int) (plan.seed() / 6 % 4);
        return hasTiers() ? OnRecovery.values()[Math.min(turn, 2)] : OnRecovery.KEEP;
    }

    private boolean stopsListening() {
        return plan.seed() % 6 == 3 || plan.seed() % 12 == 0;
    }

    /** It answers with what is there already, so that an operator's doings would be undone by it. */
    private boolean hasDiscovery() {
        return plan.seed() % 3 == 1;
    }

    private List<Backend> discover() {
        questions++;
        askedAt = timeline.getAsLong();
        exits.call(Exit.DISCOVERY);
        return IntStream.range(0, plan.backends())
                .filter(place -> !missing.get(place))
                .mapToObj(place -> member(ids.get(place)).backend(ids.get(place), hasTiers()))
                .toList();
    }

    /** In some runs it tells of changes, and is followed at once. */
    private final class Registry implements BackendDiscovery {
        @Override
        public List<Backend> discover() {
            return BalancerSimulation.this.discover();
        }

        @Override
        public AutoCloseable watch(Runnable changed) {
            if (!forgetsAtOnce()) {
                return () -> {};
            }
            exits.call(Exit.DISCOVERY);
            told = changed;
            return () -> told = () -> {};
        }
    }

    private void flip(int place) {
        missing.flip(place);
        flippedAt = timeline.getAsLong();
        exits.twice(told::run);
        if (forgetsAtOnce()) {
            timeline.after(PROMPT, this::requireFollowed);
        }
    }

    /** Who is there is who the registry has, unless it has nobody: an empty list is not believed. */
    private void requireFollowed() {
        if (timeline.getAsLong() - flippedAt < PROMPT
                || exits.hasStruck()
                || balancer.isClosed()
                || missing.cardinality() == plan.backends()) {
            return;
        }
        for (BackendState state : balancer.backends().list()) {
            boolean isThere = state.status() != BackendStatus.LEAVING;
            verdict.require(
                    isThere != missing.get(member(state.backend().id()).place), "the registry is not followed", state);
        }
    }

    private boolean forgetsAtOnce() {
        return plan.seed() % 2 == 1;
    }

    /** In these runs other frontends and pools come and go. */
    private boolean haveOthers() {
        return plan.seed() % 5 >= 3;
    }

    private boolean hasGrace() {
        return plan.seed() % 4 == 3;
    }

    /** What the discovery answers changes at any moment. */
    private void scheduleForgetfulness() {
        SplittableRandom random = new SplittableRandom(plan.seed());
        long span = plan.interval().toNanos() * 6;
        int flips = random.nextInt(12);
        for (int i = 0; i < flips; i++) {
            int place = random.nextInt(plan.backends());
            timeline.after(random.nextLong(span), () -> flip(place));
        }
    }

    private final class SimThread extends Thread {
        private final Runnable body;

        SimThread(Runnable body) {
            this.body = body;
        }

        @Override
        public void start() {
            exits.call(Exit.START_THREAD);
            if (body instanceof ControlLoop control) {
                controls.add(new SimControl(control, timeline, net.exits, verdict));
            } else {
                SimLoop loop = new SimLoop((SteppedTask) body, net, verdict, () -> {});
                loops.add(loop);
                loop.wake();
            }
        }
    }

    // ---- the run

    private void run() {
        for (int i = 0; i < plan.clients().size(); i++) {
            int index = i;
            SimPeer client = new SimPeer(timeline, peer(Act.send(REQUEST), Act.of(Act.Kind.FIN)));
            clients.add(client);
            timeline.after(plan.clients().get(i), () -> connect(index, client));
        }
        for (Change change : plan.changes()) {
            timeline.after(change.at(), () -> healths.set(change.backend(), change.health()));
        }
        if (hasOperator()) {
            scheduleOperator();
        }
        if (hasDiscovery()) {
            scheduleForgetfulness();
        }
        if (haveOthers()) {
            others.schedule(balancer, plan.seed(), plan.interval().toNanos() * 4);
        }
        onlooker.begin(balancer, plan.interval().toNanos() * 6);
        long end = plan.clients().stream().mapToLong(Long::longValue).max().orElse(0)
                + 4 * plan.interval().toNanos()
                + TimeUnit.SECONDS.toNanos(15);
        runFor(end);
        clients.forEach(client -> verdict.require(client.isFinished(), "a client never ends", client));
        if (haveOthers()) {
            others.judge();
        }
        exits.rest(true);
        requireUpkeepGoesOn();
        balancer.backends()
                .list()
                .forEach(state -> verdict.require(
                        state.status() != BackendStatus.LEAVING, "has no connection, and is still leaving", state));
        verdict.require(
                balancer.frontends().get(0).isListening() == (!stopsListening() || isAnyUp()),
                "the port is not as it should be",
                balancer);
        probe();
        exits.rest(false);
        exits.twice(balancer::close);
        runFor(LONG_ENOUGH_TO_END);
        verdict.require(controls.stream().allMatch(SimControl::hasEnded), "the control thread goes on", exits);
        exits.rest(true);
        verdict.require(loops.stream().allMatch(SimLoop::isEnded), "a loop goes on after close", balancer);
        verdict.require(net.openDescriptors() == 0, "descriptors left open", net.openDescriptors());
        verdict.require(net.openPipes() == 0, "pipes left open", net.openPipes());
        verdict.require(workers.running() == 0, "checks left running", workers.running());
        verdict.require(
                drains.stream().allMatch(drain -> drain.toCompletableFuture().isDone()),
                "a drain never completes",
                drains);
        verdict.require(
                exits.hasStruck()
                        || rebalanced.stream()
                                .allMatch(over -> over.toCompletableFuture().isDone()),
                "rebalancing never ends",
                rebalanced);
        onlooker.judge();
        long served = balancer.stats().proxy().accepted();
        int mayBeLost = exits.hasStruck() ? 1 : 0;
        long letIn = clients.size() - turnedAway() - mayBeLost;
        verdict.require(accepted >= letIn, "not accepted", accepted);
        verdict.require(served >= letIn, "accepted, and nobody was told", served);
        verdict.require(internalErrors <= mayBeLost, "internal errors", internalErrors);
        verdict.require(summaries == served, "summaries", summaries);
        verdict.require(order.ended() == served && order.open() == 0, "stories ended", order.ended());
        verdict.require(balancer.stats().proxy().active() == 0, "active", balancer.stats());
        balancer.backends()
                .list()
                .forEach(state -> verdict.require(state.activeConnections() == 0, "active connections", state));
    }

    /** Those who were refused, and those who waited to be accepted when the port was closed, or may have. */
    private long turnedAway() {
        return stopsListening()
                ? clients.stream()
                        .filter(client -> client.seen() == SimPeer.End.RESET && client.received() == 0)
                        .count()
                : refused;
    }

    private void runFor(long nanos) {
        boolean[] over = new boolean[1];
        timeline.after(nanos, () -> over[0] = true);
        while (!over[0] && !verdict.isGuilty() && timeline.step()) {
            controls.forEach(SimControl::look);
        }
    }

    /** Every backend has been checked lately, and the discovery been asked. */
    private void requireUpkeepGoesOn() {
        long now = timeline.getAsLong();
        for (BackendState state : balancer.backends().list()) {
            Member member = member(state.backend().id());
            long since = now - member.checks.beganAt;
            verdict.require(
                    member.checks.checked && since <= latestNextCheck(), "is not checked any more, for ns", since);
        }
        long since = now - askedAt;
        verdict.require(
                !hasDiscovery() || since <= 2 * plan.interval().toNanos() + SLACK,
                "the discovery is not asked any more, for ns",
                since + " after " + questions + " questions");
    }

    /** New clients, after all the others, while every backend is well. */
    private void probe() {
        if (!isAnyUp() || plan.guestsThrow()) {
            return;
        }
        healths.replaceAll(before -> Health.WELL);
        List<SimPeer> probes = new ArrayList<>();
        int sharing =
                (int) net.listeners().stream().filter(one -> one.port() == 80).count();
        for (int i = 0; i < 2 * sharing; i++) {
            SimPeer probe = new SimPeer(timeline, peer(Act.send(REQUEST), Act.of(Act.Kind.FIN)));
            probes.add(probe);
            clients.add(probe);
            connect(clients.size(), i % sharing, probe);
        }
        runFor(TimeUnit.SECONDS.toNanos(10));
        probes.forEach(probe -> verdict.require(
                probe.isFinished() && probe.received() == RESPONSE, "a new client is not served", probe));
    }

    /** Somebody who takes backends out and puts them back, and changes settings, at any moment. */
    private void scheduleOperator() {
        SplittableRandom random = new SplittableRandom(plan.seed());
        long span = plan.interval().toNanos() * 4;
        int acts = random.nextInt(20);
        for (int i = 0; i < acts; i++) {
            int place = random.nextInt(plan.backends());
            int act = random.nextInt(11);
            int number = 1 + random.nextInt(31);
            timeline.after(random.nextLong(span), () -> operateTwice(place, act, number));
        }
    }

    /** An operator whose act fails with the error that was thrown makes it once more, whatever came of it. */
    private void operateTwice(int place, int act, int number) {
        try {
            operate(place, act, number);
        } catch (Error failed) {
            if (!exits.isCauseOf(failed)) {
                throw failed;
            }
            lookWhoIsThere();
            operate(place, act, number);
        }
    }

    private void lookWhoIsThere() {
        List<String> there = exits.look(() -> balancer.backends().list()).stream()
                .filter(state -> state.status() != BackendStatus.LEAVING)
                .map(state -> state.backend().id())
                .toList();
        for (String id : ids) {
            member(id).removed = !there.contains(id);
        }
    }

    private void operate(int place, int act, int number) {
        Backends backends = balancer.backends();
        String id = ids.get(place);
        if (member(id).removed && act < 8) {
            addAgain(place, number % 2 == 0 ? id : id + "'");
            return;
        }
        switch (act) {
            case 0 -> backends.disable(id);
            case 1 -> backends.weight(id, number);
            case 2 -> drain(id, Duration.ofMillis(100L * number));
            case 3 -> balancer.reconfigure(change -> change.limits(limits -> limits.connectAttempts(number)));
            case 4 -> remove(id, number % 3 == 0 ? null : Duration.ofMillis(100L * number));
            case 8 -> replaceAll(number, null);
            case 10 -> rebalanced.add(balancer.connections().rebalance(3 * number, Duration.ofMillis(20L * number)));
            case 9 -> replaceAll(number, Duration.ofMillis(100L * number));
            default -> backends.enable(id);
        }
        if (act == 0) {
            verdict.require(exits.look(() -> backends.get(id)).status() == BackendStatus.DISABLED, "not disabled", id);
        }
    }

    private void addAgain(int place, String id) {
        boolean leaves = isLeaving(id);
        ids.set(place, id);
        members.computeIfAbsent(id, any -> new Member(place)).removed = false;
        balancer.backends().add(member(id).backend(id, hasTiers()));
        verdict.require(
                leaves || exits.look(() -> balancer.backends().get(id)).activeConnections() == 0,
                "new, and has connections",
                id);
    }

    /** By the bits of a number: who stays, or is back, and who is left out. */
    private void replaceAll(int pattern, Duration grace) {
        List<Backend> next = new ArrayList<>();
        for (int place = 0; place < plan.backends(); place++) {
            String id = ids.get(place);
            if ((pattern >> place & 1) == 1) {
                next.add(member(id).backend(id, hasTiers()));
            }
            member(id).removed = (pattern >> place & 1) == 0;
        }
        if (grace == null) {
            balancer.backends().replaceAll(next);
        } else {
            balancer.backends().replaceAll(next, grace);
        }
        ids.forEach(this::requireLeavesIfRemoved);
    }

    private boolean isLeaving(String id) {
        return exits.look(() -> balancer.backends().list()).stream()
                .anyMatch(state -> state.backend().id().equals(id) && state.status() == BackendStatus.LEAVING);
    }

    private void requireLeavesIfRemoved(String id) {
        exits.look(() -> balancer.backends().list()).stream()
                .filter(state -> state.backend().id().equals(id))
                .forEach(state -> verdict.require(
                        member(id).removed == (state.status() == BackendStatus.LEAVING), "removed, or not", state));
    }

    private void drain(String id, Duration grace) {
        int open = exits.look(() -> balancer.backends().get(id)).activeConnections();
        inTime(member(id), open, grace, balancer.backends().drain(id, grace));
    }

    private void remove(String id, Duration grace) {
        int open = exits.look(() -> balancer.backends().get(id)).activeConnections();
        inTime(
                member(id),
                open,
                grace == null ? Duration.ofNanos(LONG_ENOUGH_TO_END) : grace,
                grace == null
                        ? balancer.backends().remove(id)
                        : balancer.backends().remove(id, grace));
        member(id).removed = true;
        requireLeavesIfRemoved(id);
    }

    /** A drain that is under way goes on when it is asked for again, and tells of all since its begin. */
    private void inTime(Member member, int open, Duration grace, CompletionStage<DrainResult> drained) {
        drains.add(drained);
        long began = timeline.getAsLong();
        int atMost = Math.max(open, member.drainedFrom);
        member.drainedFrom = atMost;
        var unused = drained.whenComplete((result, calledOff) -> {
            member.drainedFrom = 0;
            if (calledOff == null) {
                long took = timeline.getAsLong() - began;
                verdict.require(took <= grace.toNanos() + SLACK, "drained late, after ns", took);
                verdict.require(result.finished() + result.aborted() <= atMost, "drained more than there were", result);
            }
        });
    }

    private Member member(String id) {
        return Objects.requireNonNull(members.get(id), id);
    }

    private static PeerPlan peer(Act... writer) {
        return new PeerPlan(List.of(writer), List.of(Act.of(Act.Kind.READ_TO_END)), 16_384, 16_384);
    }

    private void connect(int index, SimPeer peer) {
        connect(index, SimNet.ANY_LISTENER, peer);
    }

    private void connect(int index, int listener, SimPeer peer) {
        TcpEnd client = new TcpEnd(timeline, "client", 16_384, 16_384);
        TcpEnd accepted = new TcpEnd(timeline, "accepted", 16_384, 16_384);
        InetSocketAddress from = new InetSocketAddress("10.200.0.1", 1024 + index);
        net.connectFromOutside(80, listener, from, client, accepted, new SimNet.ConnectAttempt() {
            @Override
            public void established(TcpEnd end) {
                requireOpen(index);
                peer.established(end);
            }

            @Override
            public void refused() {
                refused++;
                requireClosed(index);
                peer.refused();
            }
        });
    }

    private boolean isAnyUp() {
        return exits.look(() -> balancer.backends().list()).stream()
                .anyMatch(state -> state.status() == BackendStatus.UP && state.weightPercent() > 0);
    }

    /** How long it may take after a change until the port is as it should be. */
    private boolean isSettled() {
        long moment = exits.hasStruck() ? 3 * Scheduler.AUDIT_INTERVAL : 2 * SLACK;
        return timeline.getAsLong() - statusAt > moment;
    }

    private void requireClosed(int client) {
        verdict.require(
                stopsListening() && (!isAnyUp() || !isSettled()), "refused, though a backend is up: client", client);
    }

    private void requireOpen(int client) {
        verdict.require(!stopsListening() || isAnyUp() || !isSettled(), "let in, and nobody is up: client", client);
    }

    private void dial(SimSocketChannel channel, InetSocketAddress to, SimNet.ConnectAttempt attempt) {
        if (others.serves(to, attempt)) {
            return;
        }
        long delay = timeline.moment();
        switch (healths.get(byAddress.get(to))) {
            case REFUSES -> timeline.after(delay, attempt::refused);
            case SILENT -> {}
            case WELL -> timeline.after(delay, () -> establish(attempt));
        }
    }

    private void establish(SimNet.ConnectAttempt attempt) {
        TcpEnd backend = new TcpEnd(timeline, "backend", 16_384, 16_384);
        TcpEnd engine = new TcpEnd(timeline, "dialled", 16_384, 16_384);
        TcpEnd.connect(backend, engine);
        attempt.established(engine);
        new SimPeer(timeline, peer(Act.of(Act.Kind.AWAIT_READER), Act.send(RESPONSE))).established(backend);
    }

    // ---- checks

    /** In some runs backends say how much they want to get. */
    private CheckAnswer ask(Backend backend, Duration timeout) throws Exception {
        check(backend, timeout);
        if (plan.seed() % 6 != 4) {
            return CheckAnswer.HEALTHY;
        }
        return timeline.oneIn(8) ? CheckAnswer.DRAINING : CheckAnswer.weight(25 * timeline.between(0, 4));
    }

    private void check(Backend backend, Duration timeout) throws Exception {
        Member member = member(backend.id());
        Checks own = member.checks;
        checks++;
        long now = timeline.getAsLong();
        verdict.require(!own.checking, "two checks of a backend at a time", backend);
        if (own.checked) {
            long gap = now - own.beganAt;
            long interval = plan.interval().toNanos();
            // A tenth of the interval where checks are spread over it, less 5 % of jitter and half a fiftieth; a second
            // after a failed connect, in transition and while nobody is up.
            long soonest = Math.min(interval, TimeUnit.SECONDS.toNanos(10)) * 85 / 1000;
            verdict.require(gap >= soonest - A_MOMENT, "checked again too soon, after ns", gap);
            verdict.require(gap <= latestNextCheck(), "checked again too late, after ns", gap);
        }
        own.checked = true;
        own.beganAt = now;
        own.checking = true;
        try {
            exits.call(Exit.CHECKER);
            look(member);
        } finally {
            own.checking = false;
        }
    }

    /**
     * After the begin of a check: 5 % of jitter, and rounded to a fiftieth. With an error it may be one more interval;
     * or a step that the audit made, which comes late, and means one more look before the verdict.
     */
    private long latestNextCheck() {
        long interval = plan.interval().toNanos();
        long late = Math.max(interval * 106 / 100, plan.timeout().toNanos() + hang()) + SLACK;
        return exits.hasStruck() ? late + interval + plan.timeout().toNanos() + Scheduler.AUDIT_INTERVAL : late;
    }

    private void look(Member member) throws Exception {
        switch (healths.get(member.place)) {
            case WELL -> SimWorkers.sleep(timeline.moment());
            case REFUSES -> throw new ConnectException("Connection refused");
            case SILENT -> {
                try {
                    SimWorkers.sleep(10 * plan.timeout().toNanos());
                } catch (InterruptedException timedOut) {
                    if (plan.checkersIgnoreInterrupts()) {
                        SimWorkers.sleep(hang());
                    }
                    throw timedOut;
                }
            }
        }
    }

    /** How long a checker goes on after it was interrupted. */
    private long hang() {
        return plan.checkersIgnoreInterrupts() ? 2 * plan.interval().toNanos() : 0;
    }

    // ---- selection

    /** The default selector, and whether it is handed and does what it should. */
    private final class WatchedRoundRobin implements BackendSelector {
        private final BackendSelector roundRobin = BackendSelector.roundRobin();
        private long version = -1;
        private Map<String, Long> picksBefore = Map.of();

        @Override
        public Candidate select(Candidates candidates, ClientConnection connection) {
            if (connection.attempt() == 1) {
                verdict.require(areUp(candidates), "candidates are not those that are up", candidates);
            }
            exits.call(Exit.SELECTOR);
            if (plan.guestsThrow() && timeline.oneIn(10)) {
                throw new IllegalStateException("a selector that throws");
            }
            Candidate chosen = roundRobin.select(candidates, connection);
            if (onRecovery() == OnRecovery.STAY) {
                reign.chosen(chosen.backend().id(), timeline.getAsLong());
            }
            if (connection.attempt() == 1) {
                count(candidates, chosen);
            }
            return chosen;
        }

        private boolean areUp(Candidates candidates) {
            // As the balancer says itself: the event of an ejection comes a moment after it.
            List<BackendState> all = exits.look(() -> balancer.backends().list());
            List<String> up = ids(all, state -> state.status() == BackendStatus.UP && state.weightPercent() > 0);
            List<String> expected = up.isEmpty() ? ids(all, WatchedRoundRobin::isUnproven) : up;
            List<String> offered = candidates.stream()
                    .map(candidate -> candidate.backend().id())
                    .toList();
            if (onRecovery() == OnRecovery.STAY) {
                return offered.size() == 1 && expected.containsAll(offered);
            }
            return offered.equals(hasTiers() ? expected.subList(0, 1) : expected);
        }

        private static boolean isUnproven(BackendState state) {
            return state.status() == BackendStatus.DOWN && state.passedChecks() + state.failedChecks() == 0;
        }

        private static List<String> ids(List<BackendState> all, Predicate<BackendState> which) {
            return all.stream().filter(which).map(state -> state.backend().id()).toList();
        }

        /**
         * While the candidates stay the same, nobody of equal weight gets two more than another. Of unequal weights, each
         * gets its share to within two picks: one that it is owed from before at the most, and one of this list.
         */
        private void count(Candidates candidates, Candidate chosen) {
            if (candidates.version() != version) {
                version = candidates.version();
                picksBefore = candidates.stream()
                        .map(candidate -> candidate.backend().id())
                        .collect(Collectors.toMap(id -> id, id -> member(id).picks));
            }
            member(chosen.backend().id()).picks++;
            long[] picks = new long[candidates.size()];
            for (int i = 0; i < picks.length; i++) {
                String id = candidates.get(i).backend().id();
                picks[i] = member(id).picks - picksBefore.get(id);
            }
            LongSummaryStatistics all = Arrays.stream(picks).summaryStatistics();
            if (candidates.haveEqualWeights()) {
                long difference = all.getMax() - all.getMin();
                verdict.require(difference <= 1, "unfair: most and least picks differ by", difference);
                return;
            }
            for (int i = 0; i < picks.length; i++) {
                double share = (double) all.getSum() * candidates.weight(i) / candidates.totalWeight();
                verdict.require(
                        Math.abs(picks[i] - share) <= 2, "unfair: picks are off their share by", picks[i] - share);
            }
        }
    }

    // ---- events

    private final class Listener implements LoadBalancerListener {
        @Override
        public void connectAttemptFailed(ConnectAttemptFailed event) {
            calledOff += event.kind() == ConnectFailure.CALLED_OFF ? 1 : 0;
            long took = event.duration().toNanos();
            verdict.require(took <= CONNECT_TIMEOUT + SLACK, "an attempt took longer than its time", event);
            maybeThrow();
        }

        @Override
        public void connectionClosed(ConnectionSummary summary) {
            summaries++;
            long most = summary.attempts() * CONNECT_TIMEOUT + SLACK;
            boolean inTime = summary.duration().toNanos() <= most;
            verdict.require(inTime || summary.backend() != null, "connecting took longer than its attempts", summary);
            internalErrors += summary.reason() == CloseReason.INTERNAL_ERROR ? 1 : 0;
            maybeThrow();
        }

        @Override
        public void backendStatusChanged(BackendStatusChanged event) {
            if (!isOurs(event.backend())) {
                return;
            }
            Member member = member(event.backend().id());
            boolean fits = member.status == null || event.from() == member.status;
            verdict.require(fits && event.to() != event.from(), "wrong event", event);
            member.status = event.to();
            member.statusAt = timeline.getAsLong();
            statusAt = member.statusAt;
            reign.told(event, member.statusAt);
            events.add(event);
            if (event.to() == BackendStatus.LEAVING && hasDiscovery() && hasGrace()) {
                long at = member.statusAt;
                timeline.after(GRACE.toNanos() + SLACK, () -> requireLeft(member, at));
            }
            maybeThrow();
        }

        private void requireLeft(Member member, long since) {
            boolean leaves = member.status == BackendStatus.LEAVING && member.statusAt == since;
            verdict.require(!leaves, "its grace is over, and it has not left", member.place);
        }

        private boolean isOurs(Backend backend) {
            return backend.pool().equals(Backend.DEFAULT_POOL);
        }

        @Override
        public void backendAdded(Backend backend) {
            if (!isOurs(backend)) {
                return;
            }
            Member member = member(backend.id());
            member.status = null;
            member.checks = new Checks();
        }

        @Override
        public void backendRemoved(Backend backend) {
            if (isOurs(backend)) {
                member(backend.id()).status = null;
            }
        }

        private void maybeThrow() {
            if (plan.guestsThrow() && timeline.oneIn(5)) {
                throw new IllegalStateException("a listener that throws");
            }
        }
    }
}
