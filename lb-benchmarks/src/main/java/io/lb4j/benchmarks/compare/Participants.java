package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Starts programs, and ends what it has started. */
final class Participants implements AutoCloseable {
    private final Path directory;
    private final Journal journal;
    private final List<Participant> running = new CopyOnWriteArrayList<>();

    Participants(Path directory, Journal journal) {
        this.directory = directory;
        this.journal = journal;
        // Whoever ends this program in the middle does not mean to leave proxies behind.
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    }

    /** Those of these programs that can be run here; what is missing is named once. */
    List<Program> present(List<Program> programs) throws IOException, InterruptedException {
        List<Program> present = new ArrayList<>();
        for (Program program : programs) {
            Optional<String> missing = program.missing();
            if (missing.isPresent()) {
                journal.note(program.name() + ": left out, " + missing.get());
            } else {
                journal.note(program.name() + ": " + program.version());
                present.add(program);
            }
        }
        return present;
    }

    /** Empty, and a failure in the journal, when it does not start. */
    Optional<Participant> start(Program program, String name, List<Integer> backends, Cores cores)
            throws InterruptedException {
        try {
            Path own = Files.createDirectories(directory.resolve(name.replace(' ', '-')));
            Participant participant = new Participant(name, program.start(own.toAbsolutePath(), backends, cores));
            running.add(participant);
            return Optional.of(participant);
        } catch (IOException failure) {
            journal.fail(name + " did not start: " + failure.getMessage());
            return Optional.empty();
        }
    }

    /** All that run, beginning with another one each round, so that none always follows the same one. */
    List<Participant> inOrderOf(int round) {
        return rotated(running, round);
    }

    /** The same, only those who do this work. */
    List<Participant> inOrderOf(int round, Work work) {
        return rotated(
                running.stream().filter(participant -> participant.does(work)).toList(), round);
    }

    static <T> List<T> rotated(List<T> all, int round) {
        List<T> order = new ArrayList<>(all);
        Collections.rotate(order, 1 - round);
        return order;
    }

    void end(Participant participant) {
        participant.running().close();
        running.remove(participant);
    }

    @Override
    public void close() {
        running.forEach(participant -> participant.running().close());
        running.clear();
    }
}
