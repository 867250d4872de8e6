package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Preload;
import java.io.IOException;
import java.net.SocketTimeoutException;

/** Sends some bytes and looks for others in what comes back. */
final class SendExpectHealthChecker extends Conversation {
    static {
        Preload.classes(ByteSearch.class);
    }

    private final byte[] send;
    private final byte[] expected;

    SendExpectHealthChecker(byte[] send, byte[] expected) {
        if (send.length > Exchange.LIMIT) {
            throw new IllegalArgumentException(
                    "send: " + send.length + " bytes (expected: at most " + Exchange.LIMIT + ")");
        }
        if (expected.length == 0 || expected.length > Exchange.LIMIT) {
            throw new IllegalArgumentException("expected has " + expected.length + " bytes, not 1.." + Exchange.LIMIT);
        }
        this.send = send.clone();
        this.expected = expected.clone();
    }

    @Override
    void converse(Exchange exchange, Backend backend) throws IOException {
        if (send.length > 0) {
            exchange.send(send, send.length);
        }
        awaitExpected(exchange);
    }

    private void awaitExpected(Exchange exchange) throws IOException {
        try {
            readExpected(exchange);
        } catch (SocketTimeoutException timedOut) {
            throw exchange.isAnswered() ? otherThanExpected(exchange) : timedOut;
        }
    }

    private void readExpected(Exchange exchange) throws IOException {
        ByteSearch search = new ByteSearch(expected);
        while (!exchange.isFull()) {
            int b = exchange.read();
            if (b < 0) {
                throw exchange.isAnswered() ? otherThanExpected(exchange) : exchange.ended();
            }
            if (search.add((byte) b)) {
                return;
            }
        }
        throw new IOException("expected " + Excerpt.of(expected) + ", not in the first " + Exchange.LIMIT + " bytes: "
                + exchange.beginning());
    }

    private IOException otherThanExpected(Exchange exchange) {
        return new IOException("expected " + Excerpt.of(expected) + ", got " + exchange.beginning());
    }

    /** Without what is sent, which may be a password. */
    @Override
    public String toString() {
        return "sendExpect " + Excerpt.of(expected);
    }
}
