package io.lb4j.simulation;

import io.lb4j.preface.ProxyVersion;
import io.lb4j.tls.Truncation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is decided before a run of {@link TlsSimulation} begins. */
record TlsPlan(long seed, Settings settings, Plan.Chances chances, List<TalkPlan> talks, List<Incident> incidents) {
    TlsPlan {
        talks = List.copyOf(talks);
        incidents = List.copyOf(incidents);
    }

    /**
     * How the proxy is built.
     *
     * @param handshake how long one with a client may take
     * @param bandwidth bytes a second of all connections, each way; 0 for any number
     * @param record into how large records its engines cut what they say; 0 as the JDK's
     * @param reckoning how long a task of its engines takes at most, in nanoseconds
     */
    record Settings(
            int loops,
            int attempts,
            Duration preface,
            Duration handshake,
            Duration connect,
            Duration idle,
            Duration halfClosed,
            Duration stall,
            long bufferedBytes,
            long bandwidth,
            int record,
            long reckoning) {}

    /** What is spoken. */
    enum Leg {
        PLAIN(null),
        TLS_1_2(ToyProtocol.TLS_1_2),
        TLS_1_3(ToyProtocol.TLS_1_3);

        final @Nullable ToyProtocol protocol;

        Leg(@Nullable ToyProtocol protocol) {
            this.protocol = protocol;
        }

        boolean isTls() {
            return protocol != null;
        }
    }

    /** How a peer behaves in its handshake. */
    enum Manner {
        GOOD,
        /** Wants nobody, or believes no certificate. */
        REFUSES,
        // After so many bytes of its own.
        SILENCE,
        /** Says that it does not want to go on. */
        CANCELS,
        FIN,
        RESET,
        GARBAGE;

        boolean isHalf() {
            return this != GOOD && this != REFUSES && this != CANCELS;
        }
    }

    /**
     * A client, or a backend that was connected.
     *
     * @param truncation what the engine makes of its stream's end without a close_notify
     * @param record into how large records it cuts what it says at most; 0 as the JDK
     */
    record Side(Leg leg, Truncation truncation, Manner manner, int mannerAfter, PeerPlan script, int record) {
        private static final int MANY_RECORDS = 50;
        private static final int MANY_ASKED = 300;

        /** Whether the bare end of its stream says that nothing follows. */
        boolean isBareEndClean() {
            return !leg.isTls() || truncation == Truncation.END;
        }

        /** Says something in TLS that must not be. */
        boolean isWrong() {
            long asked = script.writer().stream()
                    .filter(act -> act.kind() == Act.Kind.KEY_UPDATE && act.amount() > 0)
                    .count();
            return asked > MANY_ASKED || script.writer().stream().anyMatch(this::isWrong);
        }

        boolean isWrong(Act act) {
            return switch (act.kind()) {
                case BROKEN, GARBAGE, RENEGOTIATE, CUT_RECORD -> true;
                case EMPTY -> act.amount() > MANY_RECORDS;
                default -> false;
            };
        }

        Side with(PeerPlan other) {
            return new Side(leg, truncation, manner, mannerAfter, other, record);
        }
    }

    /**
     * One that a client may be connected to.
     *
     * @param told in which version it is told of the client; null when it is not
     * @param trusted whether the proxy believes its certificate
     */
    record BackendPlan(Plan.Dial dial, Side side, @Nullable ProxyVersion told, boolean trusted) {
        boolean isGood() {
            return dial == Plan.Dial.ACCEPTS && side.manner() == Manner.GOOD && trusted;
        }
    }

    /** What the proxy's side of a client's handshake does. */
    enum Reception {
        GOOD,
        REFUSES,
        HAS_NO_ENGINE
    }

    /**
     * One client, and its backends, in the router's order.
     *
     * @param mustComplete nothing that it, or its first backend, does keeps it from being complete
     */
    record TalkPlan(long begin, Side client, Reception reception, List<BackendPlan> backends, boolean mustComplete) {
        TalkPlan {
            backends = List.copyOf(backends);
        }
    }

    /** Something that happens at a time after the begin. */
    record Incident(long at, Kind kind, long amount) {
        enum Kind {
            /** Drains, with so many nanoseconds of grace. */
            DRAIN,
            CLOSE,
            /** The machine stands still for so many nanoseconds. */
            SLEEP,
            /** All connections are taken off the route of this client. */
            LEAVE,
            /** Attempts by the route of this client are given up, if there are others. */
            GIVE_UP
        }
    }

    /** Nothing comes in between, and no time is short. */
    boolean isCalm() {
        return incidents.isEmpty() && settings.idle().compareTo(Duration.ofMinutes(10)) > 0;
    }

    TlsPlan withTalks(List<TalkPlan> fewer) {
        return new TlsPlan(seed, settings, chances, fewer, incidents);
    }

    TlsPlan withIncidents(List<Incident> fewer) {
        return new TlsPlan(seed, settings, chances, talks, fewer);
    }

    TlsPlan withChances(Plan.Chances others) {
        return new TlsPlan(seed, settings, others, talks, incidents);
    }
}
