package io.lb4j.event;

import io.lb4j.internal.util.KernelErrors;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/** Why an attempt to connect to a backend failed. There may be more of them in later versions. */
public enum ConnectFailure {
    /** The backend's machine refused: nobody listens there. */
    REFUSED,
    /** No answer in time. */
    TIMED_OUT,
    /** There is no way to the backend's machine. */
    UNREACHABLE,
    /** The backend's host name could not be looked up. */
    UNRESOLVED,
    /**
     * It was connected, and the handshake of TLS failed: its certificate is not accepted, it speaks no TLS that is, or none of the
     * protocols within that it was offered.
     */
    TLS,
    /** Descriptors, ports or memory of this machine ran out, or its time for handshakes; no backend is to blame. */
    LOCAL_SHORTAGE,
    /**
     * It was given up, because the backend went down, was ejected or was taken out meanwhile, and another one is tried.
     * Not held against the backend.
     */
    CALLED_OFF,
    /** Anything else; the exception says what. */
    OTHER;

    /** The kind of failure that an exception of an attempt to connect stands for. */
    public static ConnectFailure of(Throwable cause) {
        if (cause instanceof SocketTimeoutException) {
            return TIMED_OUT;
        }
        if (cause instanceof ConnectException failure) {
            return KernelErrors.isTimeout(failure) ? TIMED_OUT : REFUSED;
        }
        if (cause instanceof NoRouteToHostException || KernelErrors.isNetworkUnreachable(cause)) {
            return UNREACHABLE;
        }
        if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
            return UNRESOLVED;
        }
        if (cause instanceof SSLException) {
            return TLS;
        }
        return cause instanceof BindException || cause instanceof OutOfMemoryError ? LOCAL_SHORTAGE : OTHER;
    }
}
