package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Preload;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Goes through the steps of a {@link Dialogue}. Only the last of them may expect nothing. */
final class DialogueHealthChecker extends Conversation {
    static {
        Preload.classes(DialogueHealthChecker.class);
    }

    private final List<Dialogue.Step> steps;

    DialogueHealthChecker(List<Dialogue.Step> steps) {
        this.steps = steps;
    }

    @Override
    void converse(Exchange exchange, Backend backend) throws IOException {
        for (int i = 0; i < steps.size(); i++) {
            Dialogue.Step step = steps.get(i);
            if (step.expected.isEmpty()) {
                exchange.sendFarewell(step.send);
            } else {
                new Turn(exchange, step, "step " + (i + 1) + " of " + steps.size()).take();
            }
        }
    }

    /** One step of one check. */
    private static final class Turn {
        private final Exchange exchange;
        private final Dialogue.Step step;
        private final String name;
        private final List<ByteSearch> unwanted;
        private final Excerpt came = new Excerpt();
        private boolean answered;

        Turn(Exchange exchange, Dialogue.Step step, String name) {
            this.exchange = exchange;
            this.step = step;
            this.name = name;
            unwanted = step.unwanted.stream().map(ByteSearch::new).toList();
        }

        void take() throws IOException {
            byte[] expected = step.expected.get(0);
            try {
                if (step.send.length > 0) {
                    exchange.send(step.send, step.send.length);
                }
                for (byte[] next : step.expected) {
                    expected = next;
                    await(expected);
                }
            } catch (SocketTimeoutException timedOut) {
                throw failed(expected, "got " + (answered ? came : "nothing") + ' ' + exchange.within(), timedOut);
            } catch (SocketException reset) {
                throw failed(expected, String.valueOf(reset.getMessage()), reset);
            }
        }

        private void await(byte[] expected) throws IOException {
            ByteSearch search = new ByteSearch(expected);
            while (!exchange.isFull()) {
                int b = exchange.read();
                if (b < 0) {
                    throw failed(expected, answered ? "closed after " + came : "closed without an answer", null);
                }
                answered = true;
                came.add((byte) b);
                refuseUnwanted(expected, (byte) b);
                if (search.add((byte) b)) {
                    return;
                }
            }
            throw failed(expected, "not in the first " + Exchange.LIMIT + " bytes: " + came, null);
        }

        private void refuseUnwanted(byte[] expected, byte b) throws IOException {
            for (int i = 0; i < unwanted.size(); i++) {
                if (unwanted.get(i).add(b)) {
                    String text = Excerpt.of(step.unwanted.get(i));
                    throw failed(expected, "got the unwanted " + text + " in " + came, null);
                }
            }
        }

        /** Without what was sent, which may be a password. */
        private IOException failed(byte[] expected, String how, @Nullable IOException cause) {
            return new IOException(name + ": expected " + Excerpt.of(expected) + ", " + how, cause);
        }
    }

    /** Without what is sent, which may be a password. */
    @Override
    public String toString() {
        return steps.stream()
                .flatMap(step -> step.expected.stream())
                .map(Excerpt::of)
                .collect(Collectors.joining(", ", "dialogue ", ""));
    }
}
