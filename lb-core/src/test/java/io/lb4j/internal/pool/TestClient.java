package io.lb4j.internal.pool;

import io.lb4j.selection.ClientConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** A client of some address, at some attempt. */
record TestClient(InetSocketAddress clientAddress, int attempt) implements ClientConnection {
    static TestClient of(int address) {
        return of(address, 1);
    }

    static TestClient of(int address, int attempt) {
        byte[] bytes = {10, (byte) (address >> 16), (byte) (address >> 8), (byte) address};
        try {
            return new TestClient(new InetSocketAddress(InetAddress.getByAddress(bytes), 40_000), attempt);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public InetSocketAddress listenAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
    }

    @Override
    public String frontend() {
        return "frontend";
    }
}
