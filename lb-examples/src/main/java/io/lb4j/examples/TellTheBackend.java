package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.preface.ClientHello;
import io.lb4j.preface.Parsed;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyVersion;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * Behind another proxy, and before backends that end TLS themselves. The proxy says by the PROXY protocol who its client is;
 * the host that the client asks for by TLS says which pool he gets; and a backend that expects it is told both.
 */
public final class TellTheBackend {
    private TellTheBackend() {}

    public static void main(String[] args) throws Exception {
        run(System.out);
    }

    static void run(PrintStream out) throws Exception {
        try (TlsBackend api = new TlsBackend("api", true);
                TlsBackend web = new TlsBackend("web", false);
                LoadBalancer lb = LoadBalancer.builder()
                        .listen("127.0.0.1", 0, frontend -> frontend
                                // Whoever connects from there could say anything: it is the proxy's address alone.
                                .proxyProtocol(proxies -> proxies.trust("127.0.0.1"))
                                .routes(routes -> routes.serverName("api.example.com", "api")
                                        .serverName("*.example.com", "web"))
                                .proxyTlvs(told -> told.serverName()))
                        .pool("api", pool -> pool.eachBackend(each -> each.withProxyProtocol(ProxyVersion.V2))
                                .backend("127.0.0.1", api.port()))
                        .pool("web", pool -> pool.backend("127.0.0.1", web.port()))
                        .start()) {
            for (String host : new String[] {"api.example.com", "www.example.com", "example.org"}) {
                out.println(host + ": " + answerThroughProxy(helloFor(host), lb.port()));
            }
        }
    }

    /** What the other proxy does: it says who the client is, and then passes on what he says. */
    private static String answerThroughProxy(byte[] hello, int port) {
        InetSocketAddress client = new InetSocketAddress("203.0.113.7", 50_000);
        InetSocketAddress publicPlace = new InetSocketAddress("198.51.100.1", 443);
        try (Socket socket = new Socket("127.0.0.1", port)) {
            ProxyHeader header = ProxyHeader.of(ProxyVersion.V2, client, publicPlace);
            socket.getOutputStream().write(header.toBytes());
            socket.getOutputStream().write(hello);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException reset) {
            return "reset, no route leads there";
        }
    }

    /** What a client of TLS says first. */
    private static byte[] helloFor(String host) throws GeneralSecurityException, IOException {
        SSLEngine client = SSLContext.getDefault().createSSLEngine(host, 443);
        client.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    /** Reads what a server of TLS reads first, and says what that was. A true one would shake hands then. */
    private static final class TlsBackend implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 0, InetAddress.getByName("127.0.0.1"));
        private final String name;
        private final boolean isTold;

        TlsBackend(String name, boolean isTold) throws IOException {
            this.name = name;
            this.isTold = isTold;
            new Thread(this::serve, name).start();
        }

        private void serve() {
            while (!listener.isClosed()) {
                try (Socket client = listener.accept()) {
                    client.getOutputStream().write(answer(client).getBytes(StandardCharsets.UTF_8));
                } catch (IOException clientGoneOrClosed) {
                    // The next one, if there will be one.
                }
            }
        }

        private String answer(Socket client) throws IOException {
            Heard heard = new Heard(client.getInputStream());
            InetAddress address = client.getInetAddress();
            String told = "is told nothing";
            if (isTold) {
                ProxyHeader header = heard.next(ProxyHeader::parse);
                address = header.source().orElseThrow().getAddress();
                told = "is told of " + header.serverName().orElseThrow();
            }
            ClientHello hello = heard.next(ClientHello::parse);
            return name + " " + told + ", sees a client at " + address.getHostAddress() + " and his hello for "
                    + hello.serverName().orElseThrow();
        }

        int port() {
            return listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    /** What has come so far, which may be half of something, or more than it. */
    private static final class Heard {
        /** One of the parsers of the library. */
        interface Parser<T> {
            Parsed<T> parse(byte[] bytes, int from, int to);
        }

        private final InputStream in;
        private final byte[] bytes = new byte[ProxyHeader.MAX_LENGTH + ClientHello.MAX_LENGTH];
        private int from;
        private int to;

        Heard(InputStream in) {
            this.in = in;
        }

        <T> T next(Parser<T> parser) throws IOException {
            while (true) {
                Parsed<T> parsed = parser.parse(bytes, from, to);
                if (parsed instanceof Parsed.Complete<T> complete) {
                    from += complete.length();
                    return complete.value();
                }
                int more = parsed instanceof Parsed.Invalid ? -1 : in.read(bytes, to, bytes.length - to);
                if (more < 0) {
                    throw new EOFException("not what it was to be: " + parsed);
                }
                to += more;
            }
        }
    }
}
