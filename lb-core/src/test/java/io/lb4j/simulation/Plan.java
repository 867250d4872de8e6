package io.lb4j.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that is decided before a simulation begins. Together with the seed, which decides the rest (order, sizes,
 * delays), it makes a run that can be repeated.
 */
record Plan(
        long seed,
        Settings settings,
        Chances chances,
        Bandwidths bandwidths,
        List<TalkPlan> talks,
        List<Incident> incidents) {
    Plan(long seed, Settings settings, Chances chances, List<TalkPlan> talks, List<Incident> incidents) {
        this(seed, settings, chances, Bandwidths.NONE, talks, incidents);
    }

    Plan {
        talks = List.copyOf(talks);
        incidents = List.copyOf(incidents);
    }

    /** How the proxy is built. */
    record Settings(
            int loops,
            boolean sharesPort,
            int maxConnections,
            int attempts,
            Duration connectTimeout,
            Duration idleTimeout,
            Duration halfClosedTimeout,
            Duration stallTimeout,
            long startTime) {}

    /** How often what goes wrong by itself; see {@link Faults}. */
    record Chances(
            int shortTransfers,
            int zeroWrites,
            int spuriousKeys,
            int lateKeys,
            int spuriousWakeups,
            int failingAccepts,
            int noPipes,
            int backlog) {
        static final Chances NONE = new Chances(0, 0, 0, 0, 0, 0, 0, 4096);

        void applyTo(Faults faults) {
            faults.shortTransfers = shortTransfers;
            faults.zeroWrites = zeroWrites;
            faults.spuriousKeys = spuriousKeys;
            faults.lateKeys = lateKeys;
            faults.spuriousWakeups = spuriousWakeups;
            faults.failingAccepts = failingAccepts;
            faults.noPipes = noPipes;
            faults.backlog = backlog;
        }
    }

    /** One client, and the backends it may be connected to, in the router's order. */
    record TalkPlan(
            long begin, PeerPlan client, List<BackendPlan> backends, RouterManners router, boolean listenerThrows) {
        TalkPlan {
            backends = List.copyOf(backends);
        }

        TalkPlan withClient(PeerPlan other) {
            return new TalkPlan(begin, other, backends, router, listenerThrows);
        }

        TalkPlan withBackend(int index, PeerPlan peer) {
            List<BackendPlan> others = new ArrayList<>(backends);
            BackendPlan before = backends.get(index);
            others.set(index, new BackendPlan(before.dial(), before.delay(), before.place(), peer));
            return new TalkPlan(begin, client, others, router, listenerThrows);
        }
    }

    /** What the router does when it is asked for this client, besides answering. */
    enum RouterManners {
        GOOD,
        SLOW,
        THROWS,
        REFUSES,
        CLOSES_PROXY,
        DRAINS_PROXY
    }

    /** What comes of dialling a backend. */
    enum Dial {
        ACCEPTS,
        REFUSES,
        /** Never answers. */
        SILENT,
        /** The kernel of this machine has no port left. */
        NO_PORT,
        /** The kernel of this machine knows no way. */
        NO_ROUTE,
        /** TCP connects the socket to itself. */
        ITSELF
    }

    /** Where a backend is. */
    enum Place {
        HERE,
        THERE,
        THERE_IPV6
    }

    record BackendPlan(Dial dial, long delay, Place place, PeerPlan peer) {}

    /** Something that happens to the whole proxy. */
    record Incident(long at, Kind kind, long amount) {
        enum Kind {
            /** The engine may have so many descriptors more than it has. */
            FEW_DESCRIPTORS,
            ENOUGH_DESCRIPTORS,
            /** Drains, with so many nanoseconds of grace. */
            DRAIN,
            CLOSE,
            /** The machine stands still for so many nanoseconds. */
            SLEEP
        }
    }

    /** Nothing in it can make a connection end otherwise than complete. */
    boolean isBenign(TalkPlan talk) {
        return incidents.isEmpty()
                && chances.failingAccepts() == 0
                && talk.router() == RouterManners.GOOD
                && talk.backends().get(0).dial() == Dial.ACCEPTS
                && talk.backends().get(0).delay() < settings.connectTimeout().toNanos() / 2
                && talks.stream()
                        .noneMatch(other -> other.router() == RouterManners.SLOW
                                || other.router() == RouterManners.CLOSES_PROXY
                                || other.router() == RouterManners.DRAINS_PROXY)
                && isPolite(talk.client())
                && isPolite(talk.backends().get(0).peer())
                && isSwift(talk.client(), talk.backends().get(0).peer())
                && isSwift(talk.backends().get(0).peer(), talk.client())
                && (endsByItself(talk.client())
                        || endsByItself(talk.backends().get(0).peer()));
    }

    /** Waits for nobody before it ends its stream; if both waited, it could be for each other. */
    private static boolean endsByItself(PeerPlan peer) {
        return peer.writer().contains(Act.of(Act.Kind.FIN))
                && peer.writer().stream()
                        .noneMatch(act -> act.kind() == Act.Kind.AWAIT_READER || act.kind() == Act.Kind.AWAIT_BYTES);
    }

    private boolean isPolite(PeerPlan peer) {
        long patience = shortestTimeout().toNanos() / 4;
        return peer.readsToTheEndAtOnce()
                && !peer.closesByItself()
                && !peer.writer().contains(Act.of(Act.Kind.HOLD))
                && peer.writer().stream()
                                .filter(act -> act.kind() == Act.Kind.PAUSE)
                                .mapToLong(Act::amount)
                                .sum()
                        < patience;
    }

    /**
     * With a tiny buffer, what one sends takes the other so many round trips that a short timeout can fire, also while
     * the last of it is in the kernel and the engine sees nothing move.
     */
    boolean isSwift(PeerPlan sender, PeerPlan receiver) {
        long roundTrips = sender.bytes() / receiver.buffer();
        return roundTrips * 3_000_000 < shortestTimeout().toNanos() / 4;
    }

    private Duration shortestTimeout() {
        return List.of(settings.idleTimeout(), settings.halfClosedTimeout(), settings.stallTimeout()).stream()
                .min(Duration::compareTo)
                .orElseThrow();
    }

    /** At a limit of connections or descriptors the engine also tries again by itself. */
    boolean hasLimits() {
        return settings.maxConnections() > 0
                || incidents.stream().anyMatch(incident -> incident.kind() == Incident.Kind.FEW_DESCRIPTORS);
    }

    Plan withTalks(List<TalkPlan> fewer) {
        return new Plan(seed, settings, chances, bandwidths, fewer, incidents);
    }

    Plan withTalk(int index, TalkPlan other) {
        List<TalkPlan> others = new ArrayList<>(talks);
        others.set(index, other);
        return withTalks(others);
    }

    Plan withIncidents(List<Incident> fewer) {
        return new Plan(seed, settings, chances, bandwidths, talks, fewer);
    }

    Plan withChances(Chances others) {
        return new Plan(seed, settings, others, bandwidths, talks, incidents);
    }
}
