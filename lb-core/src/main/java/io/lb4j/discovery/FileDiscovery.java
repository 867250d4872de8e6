package io.lb4j.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A text file with a backend on each line. */
final class FileDiscovery implements BackendDiscovery {
    private final TextFile file;

    FileDiscovery(Path file) {
        this.file = new TextFile(file);
    }

    @Override
    public List<Backend> discover() throws IOException {
        List<Backend> backends = new ArrayList<>();
        file.each(file.text(), line -> BackendLine.parse(line).ifPresent(backends::add));
        return backends;
    }

    @Override
    public String toString() {
        return "file(" + file + ")";
    }
}
