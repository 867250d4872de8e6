package io.lb4j.simulation;

import java.util.List;

/**
 * What a client or a backend does on its connection. The two tracks go on side by side; when both are through, the peer
 * closes.
 *
 * @param writer what it sends, and how it ends
 * @param reader what it reads
 * @param buffer its send and receive buffer
 * @param engineBuffer those of the engine's end
 */
record PeerPlan(List<Act> writer, List<Act> reader, int buffer, int engineBuffer) {
    PeerPlan {
        writer = List.copyOf(writer);
        reader = List.copyOf(reader);
    }

    PeerPlan withWriter(List<Act> acts) {
        return new PeerPlan(acts, reader, buffer, engineBuffer);
    }

    PeerPlan withReader(List<Act> acts) {
        return new PeerPlan(writer, acts, buffer, engineBuffer);
    }

    /** May close before it has seen the end of what the other side sends. */
    boolean closesByItself() {
        return writer.contains(Act.of(Act.Kind.RESET)) || writer.contains(Act.of(Act.Kind.CLOSE));
    }

    long bytes() {
        return writer.stream()
                .filter(act -> act.kind() == Act.Kind.SEND)
                .mapToLong(Act::amount)
                .sum();
    }

    boolean readsToTheEndAtOnce() {
        return reader.equals(List.of(Act.of(Act.Kind.READ_TO_END)));
    }
}
