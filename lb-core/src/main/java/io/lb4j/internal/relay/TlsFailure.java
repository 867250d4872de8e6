package io.lb4j.internal.relay;

import io.lb4j.event.CloseReason;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A stream of records that is not what it has to be: the connection it belongs to is as good as reset. */
public final class TlsFailure extends SSLException {
    /** What is wrong with it. */
    public enum Kind {
        /** It ended without a close_notify: anybody may have cut it off (RFC 8446, 6.1). */
        TRUNCATED,
        /** The peer says that something is wrong, or sends what must not be. */
        BROKEN,
        /** The peer has ended the connection, and takes nothing more (TLS 1.2: RFC 5246, 7.2.1). */
        CLOSED
    }

    private static final long serialVersionUID = 1;

    private final Kind kind;

    public TlsFailure(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Whether it says that the peer has ended the connection, so that what it sent before is complete. */
    static boolean isEnd(IOException failure) {
        return failure instanceof TlsFailure tls && tls.kind == Kind.CLOSED;
    }

    /** What a connection ends for of which one side is lost by this, over TLS or not. */
    public static CloseReason reason(IOException failure, boolean isClient) {
        Kind kind = failure instanceof TlsFailure tls ? tls.kind : Kind.CLOSED;
        return switch (kind) {
            case TRUNCATED -> isClient ? CloseReason.CLIENT_TRUNCATED : CloseReason.BACKEND_TRUNCATED;
            case BROKEN -> isClient ? CloseReason.CLIENT_TLS_FAILED : CloseReason.BACKEND_TLS_FAILED;
            case CLOSED -> isClient ? CloseReason.CLIENT_RESET : CloseReason.BACKEND_RESET;
        };
    }
}
