package io.lb4j.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A connection has ended. */
@Name("io.lb4j.Connection")
@Label("Connection")
@Description("A connection has ended.")
@Category("lb4j")
@StackTrace(false)
final class ConnectionEvent extends Event {
    @Label("Balancer")
    @Nullable
    String balancer;

    @Label("Connection")
    long connection;

    @Label("Client")
    @Nullable
    String client;

    @Label("Peer")
    @Description("Where the socket was connected from: the client, or the proxy before this one")
    @Nullable
    String peer;

    @Label("Frontend")
    @Description("The name of the frontend that the client connected to")
    @Nullable
    String frontend;

    @Label("Server Name")
    @Description("The host that the client asked for by TLS, if its frontend looked")
    @Nullable
    String serverName;

    @Label("TLS")
    @Description("The version of TLS that is spoken with the client; null when it is not")
    @Nullable
    String tls;

    @Label("Cipher Suite")
    @Nullable
    String cipherSuite;

    @Label("Application Protocol")
    @Description("What both have agreed on by ALPN")
    @Nullable
    String applicationProtocol;

    @Label("Client Certificate")
    @Description("Whose the client's certificate is; null when it has shown none")
    @Nullable
    String clientCertificate;

    @Label("Pool")
    @Description("The name of the backend's pool; null when it never was connected")
    @Nullable
    String pool;

    @Label("Backend")
    @Nullable
    String backend;

    @Label("Backend Address")
    @Nullable
    String backendAddress;

    @Label("Attempts")
    int attempts;

    @Label("Queue Time")
    @Timespan(Timespan.NANOSECONDS)
    long queueTime;

    @Label("Connect Time")
    @Timespan(Timespan.NANOSECONDS)
    long connectTime;

    @Label("Time to First Byte")
    @Timespan(Timespan.NANOSECONDS)
    long timeToFirstByte;

    @Label("Lifetime")
    @Timespan(Timespan.NANOSECONDS)
    long lifetime;

    @Label("Bytes to Backend")
    @DataAmount(DataAmount.BYTES)
    long bytesToBackend;

    @Label("Bytes to Client")
    @DataAmount(DataAmount.BYTES)
    long bytesToClient;

    @Label("Reason")
    @Nullable
    String reason;

    @Label("Phase")
    @Nullable
    String phase;

    @Label("Ended By")
    @Nullable
    String endedBy;

    @Label("Cause")
    @Nullable
    String cause;
}
