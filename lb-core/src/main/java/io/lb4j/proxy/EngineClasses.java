package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.access.Bandwidth;
import io.lb4j.access.ClientLimits;
import io.lb4j.event.AcceptPaused;
import io.lb4j.event.BackendSelected;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionHalfClosed;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionRefused;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.BufferBudget;
import io.lb4j.internal.loop.LoopMemory;
import io.lb4j.internal.loop.LoopSelector;
import io.lb4j.internal.loop.Prefixed;
import io.lb4j.internal.loop.SocketSettings;
import io.lb4j.internal.relay.ConnectionState;
import io.lb4j.internal.relay.DeliveryCheck;
import io.lb4j.internal.relay.Endpoint;
import io.lb4j.internal.relay.LastDelivery;
import io.lb4j.internal.relay.Lifetime;
import io.lb4j.internal.relay.Limits;
import io.lb4j.internal.relay.Linger;
import io.lb4j.internal.relay.Phase;
import io.lb4j.internal.relay.Relay;
import io.lb4j.internal.relay.RelayPair;
import io.lb4j.internal.relay.Relaying;
import io.lb4j.internal.relay.Throttle;
import io.lb4j.internal.relay.Throttles;
import io.lb4j.internal.relay.TlsFailure;
import io.lb4j.internal.relay.TokenBucket;
import io.lb4j.internal.relay.TokenBuckets;
import io.lb4j.internal.tls.TlsEndpoint;
import io.lb4j.internal.util.AddressBits;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.Counts;
import io.lb4j.internal.util.KernelErrors;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.Preload;
import io.lb4j.internal.util.SelfConnectedException;
import io.lb4j.internal.util.TextFile;
import io.lb4j.preface.ClientHello;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.FrontendStats;
import io.lb4j.stats.OpenConnection;
import io.lb4j.stats.TcpProxyStats;

/** Whatever the engine may need first when it runs short of descriptors, and could not be loaded then. */
final class EngineClasses {
    private EngineClasses() {}

    /** Loads them, and learns what cannot be asked then. */
    static void load() {
        KernelErrors.learn();
        Preload.classes(
                AcceptGate.class,
                AcceptSide.class,
                Acceptor.class,
                Acceptors.class,
                Addresses.class,
                AddressBits.class,
                AccessRules.class,
                Admittance.class,
                BackendConnector.class,
                Arrival.class,
                Arrivals.class,
                Attempts.class,
                Bandwidth.class,
                BufferBudget.class,
                Calls.class,
                ClientLimits.class,
                CertificateFiles.class,
                ClientHandshake.class,
                ClientPlace.class,
                ClientTable.class,
                Closing.class,
                CountedClients.class,
                Counts.class,
                DeliveryCheck.class,
                ConnectionList.class,
                ConnectionState.class,
                ConnectionStory.class,
                Dial.class,
                Drain.class,
                Endpoint.class,
                EndedConnections.class,
                Entrance.class,
                EventLoop.class,
                EventLoops.class,
                FailedAttempts.class,
                FollowedFiles.class,
                FrontendReconfiguration.class,
                Gatekeeper.class,
                Handshake.class,
                Guests.class,
                Inbox.class,
                LastDelivery.class,
                Lifetime.class,
                Limits.class,
                Linger.class,
                LoopEnd.class,
                LoopMemory.class,
                LoopSelector.class,
                NameResolver.class,
                NextTurn.class,
                OpenSslNames.class,
                OpenConnection.class,
                ProxyConnection.class,
                OwnListener.class,
                Phase.class,
                Port.class,
                Preamble.class,
                Preface.class,
                Prefixed.class,
                ProxyHeader.class,
                ClientHello.class,
                ProxyTlvs.class,
                ProxyProtocolPolicy.class,
                ProxyProtocolPolicy.Builder.class,
                ProxyProtocolPolicy.Untrusted.class,
                PortSwitch.class,
                RateGate.class,
                Reception.class,
                Relay.class,
                Relaying.class,
                RelayPair.class,
                SelfConnectedException.class,
                Terms.class,
                Throttle.class,
                Throttles.class,
                TokenBucket.class,
                TokenBuckets.class,
                SocketSettings.class,
                Survey.class,
                TextFile.class,
                TlsEndpoint.class,
                TlsFailure.class,
                TlsTlv.class,
                Totals.class,
                Wait.class,
                CloseReason.class,
                AcceptPaused.class,
                AcceptPaused.Cause.class,
                BackendSelected.class,
                ConnectAttemptFailed.class,
                ConnectFailure.class,
                ConnectionAccepted.class,
                ConnectionHalfClosed.class,
                ConnectionOpened.class,
                ConnectionPhase.class,
                ConnectionRefused.class,
                ConnectionSummary.class,
                DurationHistogram.class,
                FrontendStats.class,
                Party.class,
                TcpProxyStats.class);
    }
}
