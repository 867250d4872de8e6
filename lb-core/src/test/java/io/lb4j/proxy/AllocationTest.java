package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** What the event loop allocates for bytes, and for a connection. Counted by the JVM for its thread alone. */
class AllocationTest {
    private static final byte[] REQUEST = new byte[100];

    /** Less than the smallest object there is. */
    private static final int NOTHING = 16;

    private static final long MOST_FOR_A_CONNECTION = 3072;

    /** The compiler, which has a say in it, takes the longer the more others work on this machine. */
    private static final int MOST_TRIES = 60;

    @Test
    void chunk_onAKeptConnection_allocatesNothing() throws JMException {
        try (TestBackend backend = TestBackend.echoing();
                TcpProxy proxy = start(backend);
                Peer client = Peer.connect(proxy.port())) {
            long bytes = Long.MAX_VALUE;
            for (int i = 0; i < MOST_TRIES && bytes >= NOTHING; i++) {
                bytes = bytesForAChunk(client);
            }
            assertThat(bytes).as("bytes for a chunk").isLessThan(NOTHING);
        }
    }

    private static long bytesForAChunk(Peer client) throws JMException {
        int requests = 5000;
        long before = allocated();
        exchange(client, requests);
        return (allocated() - before) / (2L * requests);
    }

    @Test
    void connection_fromAcceptedToClosed_allocatesAtMostThreeKilobytes() throws JMException {
        try (TestBackend backend = TestBackend.echoing();
                TcpProxy proxy = start(backend)) {
            long bytes = Long.MAX_VALUE;
            for (int i = 0; i < MOST_TRIES && bytes > MOST_FOR_A_CONNECTION; i++) {
                bytes = bytesForAConnection(proxy);
            }
            assertThat(bytes).as("bytes for a connection").isBetween(1L, MOST_FOR_A_CONNECTION);
        }
    }

    private static long bytesForAConnection(TcpProxy proxy) throws JMException {
        long before = allocated();
        int connections = 500;
        long all = proxy.stats().accepted() + connections;
        connect(proxy, connections);
        Awaiting.awaitAllClosed(proxy, all);
        return (allocated() - before) / connections;
    }

    private static TcpProxy start(TestBackend backend) {
        return TcpProxy.builder()
                .name("frugal")
                .eventLoops(1)
                .to("127.0.0.1", backend.port())
                .start();
    }

    private static void connect(TcpProxy proxy, int times) {
        for (int i = 0; i < times; i++) {
            try (Peer client = Peer.connect(proxy.port())) {
                exchange(client, 1);
                client.fin();
                assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
            }
        }
    }

    private static void exchange(Peer client, int times) {
        for (int i = 0; i < times; i++) {
            client.send(REQUEST);
            client.receive(REQUEST.length);
        }
    }

    /** Bytes that the loop's thread has allocated so far. By name, because the method is not of the standard interface. */
    private static long allocated() throws JMException {
        Thread loop = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("lb-frugal-io-0"))
                .findFirst()
                .orElseThrow();
        @SuppressWarnings("deprecation") // threadId() is there from 19 on
        long id = loop.getId();
        return (Long) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("java.lang:type=Threading"),
                        "getThreadAllocatedBytes",
                        new Object[] {id},
                        new String[] {"long"});
    }
}
