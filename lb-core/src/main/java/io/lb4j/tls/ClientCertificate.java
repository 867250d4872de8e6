package io.lb4j.tls;

/** Whether clients have to show who they are. */
public enum ClientCertificate {
    /** They are not asked. */
    NONE,
    /** They are asked, and may have none; one that is not trusted ends the handshake. */
    WANTED,
    /** Without one that is trusted the handshake fails. */
    REQUIRED
}
