package io.lb4j.examples.demo;

import io.lb4j.backend.Backend;
import java.util.ArrayList;
import java.util.List;

/** Backends of a pool on the command line: {@code NAME=BACKEND[,BACKEND...]}, each as {@code --backend} takes it. */
record PoolBackends(String pool, List<Backend> backends) {
    static PoolBackends parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 1 || equals == text.length() - 1) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" (expected: NAME=HOST:PORT[,weight=N]...[,HOST:PORT...])");
        }
        if (text.startsWith(Backend.DEFAULT_POOL + "=")) {
            throw new IllegalArgumentException(
                    "\"" + Backend.DEFAULT_POOL + "\" (expected: another name; those of --backend are that pool)");
        }
        return new PoolBackends(
                text.substring(0, equals),
                backends(text.substring(equals + 1)).stream()
                        .map(FlagValues::backend)
                        .toList());
    }

    /** What has an equals sign, or is the word tls, belongs to the backend before it. */
    private static List<String> backends(String text) {
        List<String> backends = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            int last = backends.size() - 1;
            if (last >= 0 && (part.contains("=") || part.equals("tls"))) {
                backends.set(last, backends.get(last) + "," + part);
            } else {
                backends.add(part);
            }
        }
        return backends;
    }
}
