package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Programs and works by the names they have on the command line. */
final class Catalogue {
    static final List<String> PROGRAMS = List.of(
            Direct.NAME,
            "lb4j",
            "netty",
            "go",
            HaProxy.DEFAULT,
            "haproxy-large",
            "haproxy-splice",
            "nginx",
            "nginx-large");

    /** Compared when asked for: what they do no other does. */
    static final List<String> TLS_PROGRAMS =
            List.of("lb4j-tls", "lb4j-native-tls", "netty-tls", "netty-tcnative-tls", "haproxy-tls", "nginx-tls");

    static final List<String> WORKS = List.of("requests", "short", "streams", "latency", "idle", "loops");

    private static final List<String> NATIVE = List.of("--enable-native-access=ALL-UNNAMED", "-Dlb4j.transport=native");

    /** What lb4j does besides, by what its name has then, and the JVM's options for that. Compared when asked for. */
    static final Map<String, List<String>> VARIANTS = variants();

    /** Of each connection, each way. */
    private static final String LIMITED = "-Dbandwidth=" + (1 << 20);

    private static final String PROXIED = "-Dproxied=true";

    private static final String SNI = "-Dsni=a.example.com";

    private static final String LATENCY = "latency";

    /** Larger requests, and more connections, take the same system calls. */
    private static final int LARGEST_TRACED = 100;

    private static final int MOST_TRACED_CONNECTIONS = 64;

    private Catalogue() {}

    private static Map<String, List<String>> variants() {
        Map<String, List<String>> variants = new LinkedHashMap<>();
        variants.put("lb4j-native", NATIVE);
        variants.put("lb4j-limited", List.of(LIMITED));
        variants.put("lb4j-native-limited", and(NATIVE, LIMITED));
        variants.put("lb4j-proxied", List.of(PROXIED));
        variants.put("lb4j-native-proxied", and(NATIVE, PROXIED));
        variants.put("lb4j-sni", List.of(SNI));
        variants.put("lb4j-native-sni", and(NATIVE, SNI));
        variants.put("lb4j-checking", List.of("-Dchecked=1000"));
        for (Seeing seeing : Seeing.values()) {
            variants.put("lb4j-" + seeing.key(), List.of("-Dseeing=" + seeing.key()));
        }
        return Collections.unmodifiableMap(variants);
    }

    private static List<String> and(List<String> options, String option) {
        return Stream.concat(options.stream(), Stream.of(option)).toList();
    }

    /** Whether TLS is a part of what programs of this name do. */
    static boolean isTls(String name) {
        return Work.TLS_BUSY.isFor(name);
    }

    /**
     * The programs of these names; lb4j once for each JVM, Netty with the first, but with each where the JDK does its TLS.
     *
     * @param pem where those that do TLS find their certificate and its key; empty: there are none of them
     * @throws IllegalArgumentException when there is no such program, or two of a name
     */
    static List<Program> programs(List<String> names, List<Path> javas, List<String> javaOptions, Optional<Path> pem)
            throws IOException, InterruptedException {
        List<Java> jvms = new ArrayList<>();
        for (Path java : javas) {
            jvms.add(Java.of(java, javaOptions));
        }
        List<Program> programs = new ArrayList<>();
        for (String name : names) {
            if (name.equals("lb4j")) {
                jvms.forEach(java -> programs.add(new Lb4j(java)));
            } else if (VARIANTS.containsKey(name)) {
                String variant = name.substring("lb4j-".length());
                jvms.forEach(java -> programs.add(new Lb4j(java.with(VARIANTS.get(name), variant))));
            } else if (pem.isPresent() && isTls(name)) {
                programs.addAll(withTls(name, jvms, pem.get()));
            } else {
                programs.add(program(name, Netty.plain(jvms.get(0))));
            }
        }
        List<String> given = programs.stream().map(Program::name).toList();
        if (given.stream().distinct().count() < given.size()) {
            throw new IllegalArgumentException("two of a name: " + given + " (expected: each once)");
        }
        return programs;
    }

    private static List<Program> withTls(String name, List<Java> jvms, Path pem) {
        return switch (name) {
            case "lb4j-tls" -> lb4j(jvms, List.of(Lb4jProxy.tls(pem)), "tls");
            case "lb4j-native-tls" -> lb4j(jvms, and(NATIVE, Lb4jProxy.tls(pem)), "native-tls");
            case "netty-tls" ->
                jvms.stream().<Program>map(java -> Netty.withTls(java, pem)).toList();
            case "netty-tcnative-tls" -> List.of(Netty.withTcnative(jvms.get(0), pem));
            case "haproxy-tls" -> List.of(HaProxy.withTls(Optional.of(pem), false));
            // What it sends at a half-close looks like a stream that was cut off: a FIN without a close_notify.
            case "nginx-tls" -> List.of(Nginx.withTls(Optional.of(pem), false, false));
            default -> expected("proxies", name, null, TLS_PROGRAMS);
        };
    }

    private static List<Program> lb4j(List<Java> jvms, List<String> options, String variant) {
        return jvms.stream()
                .<Program>map(java -> new Lb4j(java.with(options, variant)))
                .toList();
    }

    private static Program program(String name, Netty netty) {
        Map<String, Program> known = new LinkedHashMap<>();
        for (Program program : List.of(
                new Direct(),
                netty,
                new Go(),
                HaProxy.withDefaults(),
                HaProxy.withLargeBuffers(),
                HaProxy.withSplice(),
                HaProxy.withHeaders(),
                HaProxy.withServerNames(),
                Nginx.withDefaults(),
                Nginx.withBandwidth(),
                Nginx.withHeaders(),
                Nginx.withServerNames(),
                Nginx.withLargeBuffers())) {
            known.put(program.name(), program);
        }
        return expected("proxies", name, known.get(name), PROGRAMS);
    }

    /**
     * Closed-loop works by their keys, or by what their keys begin with.
     *
     * @throws IllegalArgumentException when there is no such work
     */
    static List<Work> works(List<String> names) {
        Set<Work> works = new LinkedHashSet<>();
        for (String name : names) {
            List<Work> named = Work.ALL.stream()
                    .filter(work -> work.key().equals(name) || work.key().startsWith(name + "-"))
                    .toList();
            if (named.isEmpty() && !WORKS.contains(name)) {
                List<String> known = Stream.concat(
                                WORKS.stream(), Work.ALL.stream().map(Work::key))
                        .distinct()
                        .toList();
                expected("only", name, null, known);
            }
            // A name that is a work of its own means that one: requests-64 is not requests-64-4k as well.
            works.addAll(named.stream().anyMatch(work -> work.key().equals(name)) ? exactly(name, named) : named);
        }
        return List.copyOf(works);
    }

    private static List<Work> exactly(String key, List<Work> works) {
        return works.stream().filter(work -> work.key().equals(key)).toList();
    }

    /** Those of these works whose system calls are counted. */
    static List<Work> traced(List<Work> works) {
        return works.stream()
                .filter(work -> work.size() <= LARGEST_TRACED && work.connections() <= MOST_TRACED_CONNECTIONS)
                .toList();
    }

    static List<Integer> loads(List<String> names) {
        return names.contains(LATENCY) ? List.of(30, 60) : List.of();
    }

    private static <T> T expected(String option, String value, @Nullable T found, List<String> known) {
        if (found == null) {
            throw new IllegalArgumentException(
                    "--" + option + ": " + value + " (expected: " + String.join(", ", known) + ")");
        }
        return found;
    }
}
