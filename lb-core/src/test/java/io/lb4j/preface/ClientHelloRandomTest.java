package io.lb4j.preface;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientHelloRandomTest {
    private static final int MUTATIONS = 100_000;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    /** F5: whatever comes, there is an answer, and it holds for more bytes. */
    @Test
    void hellos_mutated_areAnsweredTheSameWhateverComesBehind() {
        List<byte[]> samples = samples();
        int complete = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] mutated = Mutations.of(samples.get(random.nextInt(samples.size())), random);
            Parsed<ClientHello> parsed = Mutations.parse(ClientHello::parse, mutated, random, seed);
            complete += parsed instanceof Parsed.Complete<ClientHello> ? 1 : 0;
        }
        assertThat(complete)
                .as("seed %d: how many were right all the same", seed)
                .isGreaterThan(MUTATIONS / 50);
    }

    /** Of one message it does not matter how it is cut. */
    @Test
    void messages_mutated_areTheSameInAllRecords() {
        List<byte[]> messages = messages();
        for (int i = 0; i < 5_000; i++) {
            byte[] message = Mutations.of(messages.get(random.nextInt(messages.size())), random);
            if (message.length == 0) {
                continue;
            }
            byte[] one = Hellos.record(message);
            byte[] several = Hellos.inRecordsOf(1 + random.nextInt(message.length), message);
            Parsed<ClientHello> expected = ClientHello.parse(one, 0, one.length);
            Parsed<ClientHello> parsed = ClientHello.parse(several, 0, several.length);

            assertThat(withoutLength(parsed)).as("seed %d, round %d", seed, i).isEqualTo(withoutLength(expected));
        }
    }

    private static Object withoutLength(Parsed<ClientHello> parsed) {
        return parsed instanceof Parsed.Complete<ClientHello> complete ? complete.value() : parsed;
    }

    private List<byte[]> samples() {
        List<byte[]> samples = new ArrayList<>();
        for (byte[] message : messages()) {
            samples.add(Hellos.record(message));
            samples.add(Hellos.inRecordsOf(1 + random.nextInt(40), message));
        }
        return samples;
    }

    private static List<byte[]> messages() {
        return List.of(
                Hellos.message(Hellos.serverName("www.example.com"), Hellos.protocols("h2", "http/1.1")),
                Hellos.message(Hellos.serverName("a")),
                Hellos.message(Hellos.protocols("x"), Hellos.extension(5, new byte[9])),
                Hellos.message());
    }
}
