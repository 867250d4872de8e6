/**
 * What TLS is to be made with: {@link io.lb4j.tls.BackendTls} towards backends, {@link io.lb4j.tls.Trust} for whom is believed,
 * {@link io.lb4j.tls.TlsIdentity} for who one is. Immutable values over the JDK's own TLS (JSSE); they do no I/O but to read the
 * files that they are given, once, where they are made. TLS 1.3 (RFC 8446) and 1.2 (RFC 5246), and nothing older.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.tls;

import org.jspecify.annotations.NullMarked;
