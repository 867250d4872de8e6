package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;

/** One request for each connection, which it closes when it has the response; then the next connection. */
class ShortClient extends RequestClient {
    private InetSocketAddress address = new InetSocketAddress(0);

    ShortClient(LoadLoop loop, int size) {
        super(loop, size);
    }

    @Override
    void connect(InetSocketAddress to) throws IOException {
        address = to;
        super.connect(to);
    }

    @Override
    void responded() throws IOException {
        close();
        reconnect();
    }

    @Override
    public void failed(IOException failure) {
        super.failed(failure);
        // The load must not get lighter when connections fail, but one that fails at once must not spin here for ever.
        if (tally.failures < 1000) {
            try {
                reconnect();
            } catch (IOException again) {
                super.failed(again);
            }
        }
    }

    private void reconnect() throws IOException {
        if (!tally.stopping) {
            connect(address);
        }
    }
}
