package io.lb4j.internal.util;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What balancers are called when nobody named them, and their threads. Any thread. */
public final class Names {
    private static final Map<String, Integer> UNNAMED = new ConcurrentHashMap<>();

    private Names() {}

    /**
     * The name of one that listens on this port: {@code lb-8080}. On any free port, which is not known yet, {@code lb-any},
     * and those after the first are counted in this JVM: {@code lb-any-2}.
     */
    public static String ofUnnamed(String kind, int port) {
        if (port != 0) {
            return kind + "-" + port;
        }
        String any = kind + "-any";
        int number = UNNAMED.merge(any, 1, Integer::sum);
        return number == 1 ? any : any + "-" + number;
    }

    /** The name of a thread: {@code lb-orders-control}; the one of {@code lb-8080} is not {@code lb-lb-8080-control}. */
    public static String thread(String balancer, String role) {
        return (balancer.startsWith("lb-") ? "" : "lb-") + balancer + "-" + role;
    }
}
