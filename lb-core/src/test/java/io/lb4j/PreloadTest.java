package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.ClassReferences;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A class that is needed first when this process has no descriptor left cannot be loaded then. So whatever runs a
 * connection, chooses its backend or tells of it has been loaded when a balancer has started.
 */
class PreloadTest {
    private static final List<String> PACKAGES = List.of(
            "",
            "proxy",
            "internal/loop",
            "internal/relay",
            "event",
            "stats",
            "internal/pool",
            "internal/health",
            "internal/util");

    /** What a user, or the admin server, makes before anything runs short; it is loaded with all that it needs, then. */
    private static final Set<String> MADE_BEFORE = Set.of(
            "io.lb4j.ShutdownDrain",
            "io.lb4j.event.AccessLog",
            "io.lb4j.event.AsyncListener",
            "io.lb4j.event.TcpLog",
            "io.lb4j.internal.util.Metric");

    private static final List<String> GUESTS = List.of(
            "access",
            "selection",
            "health",
            "discovery",
            "internal/discovery",
            "backend",
            "admin",
            "jmx",
            "internal/jfr",
            "internal/epoll");

    /** Who makes guests of every kind speaks of all of them. */
    private static final Set<String> FACTORIES = Set.of(
            "io.lb4j.selection.BackendSelector",
            "io.lb4j.health.HealthChecker",
            "io.lb4j.discovery.BackendDiscovery",
            "io.lb4j.admin.AdminServer",
            "io.lb4j.event.AccessLog");

    @Test
    void start_loadsWhatRunsConnections() throws Exception {
        try (Loader loader = new Loader()) {
            Object builder = loader.loadClass("io.lb4j.LoadBalancer")
                    .getMethod("builder")
                    .invoke(null);
            builder.getClass().getMethod("backend", String.class, int.class).invoke(builder, "127.0.0.1", 1);
            try (AutoCloseable balancer =
                    (AutoCloseable) builder.getClass().getMethod("start").invoke(builder)) {
                assertThat(balancer).isNotNull();
                List<String> classes = classes(PACKAGES).stream()
                        .filter(name -> MADE_BEFORE.stream().noneMatch(name::startsWith))
                        .toList();
                assertThat(classes).hasSizeGreaterThan(100);
                // Some are loaded by its threads, which begin at once.
                await().untilAsserted(() -> assertThat(classes)
                        .filteredOn(name -> !loader.hasLoaded(name))
                        .isEmpty());
            }
        }
    }

    @Test
    void guests_areLoadedWithAllThatTheyNeed() throws Exception {
        try (Loader loader = new Loader()) {
            try (AutoCloseable balancer = (AutoCloseable) loader.loadClass("io.lb4j.testing.child.EveryGuest")
                    .getMethod("start")
                    .invoke(null)) {
                assertThat(balancer).isNotNull();
                await().untilAsserted(
                                () -> assertThat(neededButNotLoaded(loader)).isEmpty());
            }
        }
    }

    /** What one of the loaded classes speaks of, with who it is. */
    private static Set<String> neededButNotLoaded(Loader loader) throws Exception {
        Set<String> missing = new TreeSet<>();
        for (String name : classes(GUESTS)) {
            if (loader.hasLoaded(name) && !FACTORIES.contains(name)) {
                ClassReferences.of(loader, name).stream()
                        .filter(needed -> needed.startsWith("io.lb4j.") && !loader.hasLoaded(needed))
                        .forEach(needed -> missing.add(needed + ", which " + name + " needs"));
            }
        }
        return missing;
    }

    private static List<String> classes(List<String> packages) throws Exception {
        Path root = Path.of(LoadBalancer.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> names = new ArrayList<>();
        for (String each : packages) {
            try (Stream<Path> files = Files.list(root.resolve("io/lb4j").resolve(each))) {
                files.map(file -> root.relativize(file).toString().replace(File.separatorChar, '.'))
                        .filter(name -> name.endsWith(".class") && !name.endsWith("package-info.class"))
                        .map(name -> name.substring(0, name.length() - ".class".length()))
                        .forEach(names::add);
            }
        }
        return names;
    }

    /** Has nothing loaded yet, and tells what it has. */
    private static final class Loader extends URLClassLoader {
        Loader() throws IOException {
            super(classPath(), ClassLoader.getPlatformClassLoader());
        }

        boolean hasLoaded(String name) {
            synchronized (getClassLoadingLock(name)) {
                return findLoadedClass(name) != null;
            }
        }

        private static URL[] classPath() throws MalformedURLException {
            List<URL> entries = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                entries.add(Path.of(entry).toUri().toURL());
            }
            return entries.toArray(URL[]::new);
        }
    }
}
