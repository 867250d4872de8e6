package io.lb4j.admin;

import io.lb4j.internal.util.Closing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One client of an admin server, and its one request. Confined to the admin thread. */
final class AdminConnection {
    /*
     * reading ──▶ waiting ──▶ writing ──▶ lingering ──▶ closed
     *
     * Waiting: the answer is made elsewhere, and nothing of the client is heard meanwhile. Most are there at once.
     * Lingering: the answer is on its way, and what the client still sends is thrown away until it closes. Closing with
     * unread input would reset the connection and could take the answer with it.
     */
    private static final int LONGEST_HEAD = 8 * 1024;

    private static final byte[] HEAD_END = {'\r', '\n', '\r', '\n'};

    private final SocketChannel channel;
    private final SelectionKey key;
    private final AdminHandler handler;
    private final AdminLoop loop;
    private final long deadline;
    private ByteBuffer in = ByteBuffer.allocate(LONGEST_HEAD);
    private @Nullable Outgoing out;

    /**
     * @param deadline the time by which all must be over
     */
    AdminConnection(SocketChannel channel, Selector selector, AdminHandler handler, AdminLoop loop, long deadline)
            throws IOException {
        this.channel = channel;
        this.handler = handler;
        this.loop = loop;
        this.deadline = deadline;
        channel.configureBlocking(false);
        key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    long deadline() {
        return deadline;
    }

    /** What it keeps for its client; null when there is nothing left of it. */
    byte @Nullable [] kept() {
        Outgoing answer = out;
        return answer != null && answer.hasRemaining() && isOpen() ? answer.body() : null;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    void close() {
        Closing.quietly(channel);
    }

    /** Goes on as far as it can without waiting. */
    void ready() {
        try {
            if (out == null) {
                read();
            } else if (out.hasRemaining()) {
                write(out);
            } else {
                linger();
            }
        } catch (IOException gone) {
            close();
        }
    }

    private void read() throws IOException {
        int count = channel.read(in);
        int head = endOfHead();
        if (head >= 0) {
            answer(new String(in.array(), 0, head, StandardCharsets.ISO_8859_1));
        } else if (!in.hasRemaining()) {
            answer("");
        } else if (count < 0) {
            close();
        }
    }

    private int endOfHead() {
        byte[] bytes = in.array();
        for (int i = 0; i + HEAD_END.length <= in.position(); i++) {
            if (bytes[i] == HEAD_END[0]
                    && bytes[i + 1] == HEAD_END[1]
                    && bytes[i + 2] == HEAD_END[2]
                    && bytes[i + 3] == HEAD_END[3]) {
                return i;
            }
        }
        return -1;
    }

    private void answer(String head) throws IOException {
        CompletableFuture<Outgoing> answer = handler.answer(head, loop::post);
        if (answer.isDone()) {
            begin(answer.join());
        } else {
            key.interestOps(0);
            var unused = answer.thenAccept(this::beginLate);
        }
    }

    private void begin(Outgoing answer) throws IOException {
        Outgoing allowed = loop.budget().allowed(answer);
        out = allowed;
        write(allowed);
    }

    private void beginLate(Outgoing answer) {
        try {
            if (isOpen()) {
                begin(answer);
            }
        } catch (IOException gone) {
            close();
        }
    }

    private void write(Outgoing answer) throws IOException {
        answer.writeTo(channel);
        if (answer.hasRemaining()) {
            key.interestOps(SelectionKey.OP_WRITE);
        } else {
            channel.shutdownOutput();
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    private void linger() throws IOException {
        in.clear();
        if (channel.read(in) < 0) {
            close();
        }
    }
}
