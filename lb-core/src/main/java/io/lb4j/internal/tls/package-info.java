/** TLS between a relay and a socket: plain bytes on the one side, records on the other. */
@NullMarked
package io.lb4j.internal.tls;

import org.jspecify.annotations.NullMarked;
