package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Says something before each request, in one piece with it. */
final class OpeningClient extends ShortClient {
    private final int opening;
    private final ByteBuffer message;

    OpeningClient(LoadLoop loop, int size, Opening opening) {
        super(loop, size);
        byte[] bytes = opening.bytes();
        this.opening = bytes.length;
        message = ByteBuffer.allocateDirect(bytes.length + size).put(bytes);
    }

    @Override
    void send(ByteBuffer request) throws IOException {
        super.send(message.clear().position(opening).put(request).flip());
    }
}
