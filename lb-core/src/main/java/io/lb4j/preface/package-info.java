/**
 * What a client says first: the header of the PROXY protocol, {@link io.lb4j.preface.ProxyHeader}, and the first message of
 * TLS, {@link io.lb4j.preface.ClientHello}. Values, their parsers, and a writer of headers.
 *
 * <p>The parsers are pure: they read no clock and no socket, look nothing up, keep nothing between two calls, and change
 * nothing in what they are given. Whatever the bytes are, they answer and do not throw: {@link io.lb4j.preface.Parsed}. The
 * time they take grows with the number of bytes and nothing else. All of it may be used by any thread.
 *
 * @since 0.1.0
 */
@NullMarked
package io.lb4j.preface;

import org.jspecify.annotations.NullMarked;
