package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** What runs here. */
final class About {
    private static final String OF_BUILD = "/META-INF/maven/io.lb4j/lb-core/pom.properties";

    private About() {}

    /** The version of the library; null when it does not come from a jar that says so. */
    static @Nullable String version() {
        try (InputStream build = LoadBalancer.class.getResourceAsStream(OF_BUILD)) {
            if (build == null) {
                return null;
            }
            Properties properties = new Properties();
            properties.load(build);
            return properties.getProperty("version");
        } catch (IOException unreadable) {
            return null;
        }
    }

    static String java() {
        return System.getProperty("java.version", "") + ", " + System.getProperty("os.name", "");
    }
}
