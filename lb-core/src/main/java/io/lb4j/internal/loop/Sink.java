package io.lb4j.internal.loop;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where bytes go: a socket, which may take fewer than it is given. Confined to its loop. */
public interface Sink {
    /** As {@link java.nio.channels.SocketChannel#write(ByteBuffer)}. */
    int write(ByteBuffer from) throws IOException;

    /** As {@link SplicePipe#drain}. */
    int write(SplicePipe from) throws IOException;
}
