package io.lb4j.testing;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/** A socket that sends each byte alone. */
public final class SingleBytes extends Socket {
    public SingleBytes(String host, int port) throws IOException {
        super(host, port);
        setTcpNoDelay(true);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        // Its own way to write several is to write each.
        return new FilterOutputStream(super.getOutputStream());
    }
}
