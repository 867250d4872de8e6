package io.lb4j.internal.loop;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where bytes come from: a socket. Confined to its loop. */
public interface Source {
    /** As {@link java.nio.channels.SocketChannel#read(ByteBuffer)}. */
    int read(ByteBuffer into) throws IOException;

    /** As {@link SplicePipe#fill}. */
    int read(SplicePipe into, int most) throws IOException;
}
