package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.tls.Identity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether others let a client see that his stream was cut off, when they do TLS on one side or on both. */
@Command(
        name = "endings",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = {
            "Shows what a client sees of HAProxy and nginx with TLS, when the backend ends in this way or that after "
                    + EndingBackend.STREAM + " B.",
            "FIN only: without the close_notify that tells the end of TLS from a stream that was cut off."
        })
public final class EndingsCommand implements Callable<Integer> {
    private static final Cores ANY = new Cores("0", 1, 0, false);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--out", paramLabel = "DIR", description = "Where proxies have their configuration and their logs.")
    private Path directory = Path.of("target", "endings");

    /** A proxy with TLS on the sides that are asked for. */
    private interface Proxy {
        Program with(Optional<Path> pem, boolean toBackend);
    }

    @Override
    public Integer call() throws Exception {
        Identity identity = Identity.of(Identity.Kind.P256);
        SSLContext context = identity.context();
        Path pem = Files.writeString(Files.createDirectories(directory).resolve("own.pem"), identity.pem())
                .toAbsolutePath();
        Map<String, Proxy> proxies = present();
        PrintWriter out = spec.commandLine().getOut();
        out.print(row("the backend", "the client", List.copyOf(proxies.keySet())));
        for (Ending ending : Ending.values()) {
            for (boolean tls : new boolean[] {false, true}) {
                List<String> seen = new ArrayList<>();
                for (Proxy proxy : proxies.values()) {
                    Program program = proxy.with(tls ? Optional.of(pem) : Optional.empty(), ending.isTls());
                    seen.add(see(program, ending, tls, context, directory).text());
                }
                out.print(row(ending.text(), tls ? "TLS" : "plain", seen));
                out.flush();
            }
        }
        return 0;
    }

    private Map<String, Proxy> present() throws IOException, InterruptedException {
        Map<String, Proxy> proxies = new LinkedHashMap<>();
        proxies.put("haproxy", HaProxy::withTls);
        proxies.put("nginx", (pem, toBackend) -> Nginx.withTls(pem, toBackend, false));
        proxies.put("nginx, half-close", (pem, toBackend) -> Nginx.withTls(pem, toBackend, true));
        for (String name : List.copyOf(proxies.keySet())) {
            Program program = proxies.get(name).with(Optional.empty(), false);
            Optional<String> missing = program.missing();
            String said = missing.isPresent() ? missing.get() : program.version();
            spec.commandLine().getOut().println(name + ": " + said);
            missing.ifPresent(why -> proxies.remove(name));
        }
        return proxies;
    }

    /** What one client sees, of one backend, through a program that is started for it. */
    static Seen see(Program program, Ending ending, boolean tls, SSLContext context, Path directory)
            throws IOException, InterruptedException, ExecutionException {
        if (ending == Ending.KILLED) {
            List<String> java = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString());
            try (Running backend = JvmProcess.start(java, EndingBackend.class, directory, List.of(), ANY);
                    Running proxy = program.start(directory, backend.ports(), ANY)) {
                CompletableFuture<Void> whole = new CompletableFuture<>();
                CompletableFuture<Seen> seen = ask(proxy, tls, context, () -> whole.complete(null));
                CompletableFuture.anyOf(whole, seen).get();
                backend.pids().stream()
                        .flatMap(pid -> ProcessHandle.of(pid).stream())
                        .forEach(ProcessHandle::destroyForcibly);
                return seen.get();
            }
        }
        try (EndingBackend backend = new EndingBackend(ending, ending.isTls() ? context : null)) {
            Thread thread = new Thread(backend, "backend");
            thread.setDaemon(true);
            thread.start();
            try (Running proxy = program.start(directory, List.of(backend.port()), ANY)) {
                return ask(proxy, tls, context, () -> {}).get();
            }
        }
    }

    private static CompletableFuture<Seen> ask(Running proxy, boolean tls, SSLContext context, Runnable whole) {
        int port = proxy.ports().get(0);
        return CompletableFuture.supplyAsync(() -> {
            try {
                return tls ? Seen.withTls(port, context, whole) : Seen.plainly(port, whole);
            } catch (IOException failure) {
                throw new IllegalStateException(failure);
            }
        });
    }

    private static String row(String backend, String client, List<String> seen) {
        StringBuilder row = new StringBuilder("%-24s %-12s".formatted(backend, client));
        seen.forEach(text -> row.append(" %-26s".formatted(text)));
        return row.append('\n').toString();
    }
}
