package io.lb4j.examples.testing;

import io.lb4j.LoadBalancer;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What the library has to offer, by name. */
public final class PublicApi {
    private PublicApi() {}

    /** Every public class, those within others as well. */
    public static List<Class<?>> classes() throws IOException, URISyntaxException, ClassNotFoundException {
        Path origin = Path.of(LoadBalancer.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        if (Files.isDirectory(origin)) {
            return classes(origin);
        }
        try (FileSystem jar = FileSystems.newFileSystem(origin)) {
            return classes(jar.getPath("/"));
        }
    }

    private static List<Class<?>> classes(Path root) throws IOException, ClassNotFoundException {
        List<Class<?>> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root.resolve("io/lb4j"))) {
            for (Path file : files.toList()) {
                String name = root.relativize(file).toString().replace('/', '.');
                if (name.endsWith(".class") && !name.contains(".internal.") && !name.contains("package-info")) {
                    Class<?> type = Class.forName(name.substring(0, name.length() - ".class".length()));
                    if (Modifier.isPublic(type.getModifiers())) {
                        found.add(type);
                    }
                }
            }
        }
        return found;
    }

    /** The names of all public methods and of all constants. */
    public static Set<String> names() throws IOException, URISyntaxException, ClassNotFoundException {
        Set<String> names = new TreeSet<>();
        for (Class<?> type : classes()) {
            Stream.of(type.getMethods()).forEach(method -> names.add(method.getName()));
            if (type.isEnum()) {
                Stream.of(type.getEnumConstants()).forEach(constant -> names.add(((Enum<?>) constant).name()));
            }
        }
        return names;
    }
}
