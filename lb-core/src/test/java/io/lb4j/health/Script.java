package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What a backend hears and says in one good check, each byte as one character: what it waits for, what it answers, by turns.
 * The last of them is how the check takes its leave, and may be empty.
 */
record Script(String name, HealthChecker checker, List<String> turns) {
    Script(String name, HealthChecker checker, String... turns) {
        this(name, checker, List.of(turns));
        assertThat(turns.length % 2).as("turns of %s", name).isOne();
    }

    static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** All that the check sends. */
    String heard() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < turns.size(); i += 2) {
            all.append(turns.get(i));
        }
        return all.toString();
    }

    /** All that the backend says. */
    String said() {
        StringBuilder all = new StringBuilder();
        for (int i = 1; i < turns.size(); i += 2) {
            all.append(turns.get(i));
        }
        return all.toString();
    }

    /** Serves one check by the script, in pieces of this size, and tells what it heard to the end of the stream. */
    String play(TestBackend backend, int pieceSize) throws IOException {
        CompletableFuture<String> heard = Background.supply(() -> serve(backend, pieceSize));
        Checking.passes(checker, backend.port());
        return heard.join();
    }

    private String serve(TestBackend backend, int pieceSize) throws IOException {
        StringBuilder heard = new StringBuilder();
        try (Peer peer = backend.accept()) {
            for (int i = 0; i < turns.size() - 1; i += 2) {
                heard.append(latin1(peer.receive(turns.get(i).length())));
                sendInPieces(peer, turns.get(i + 1), pieceSize);
            }
            // A backend that is told goodbye hangs up.
            heard.append(latin1(peer.receive(turns.get(turns.size() - 1).length())));
            peer.fin();
            return heard.append(latin1(peer.socket().getInputStream().readAllBytes()))
                    .toString();
        }
    }

    private static void sendInPieces(Peer peer, String text, int pieceSize) {
        for (int from = 0; from < text.length(); from += pieceSize) {
            peer.send(bytes(text.substring(from, Math.min(text.length(), from + pieceSize))));
            if (pieceSize < text.length()) {
                Background.pause(1);
            }
        }
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return name;
    }
}
