package io.lb4j.backend;

import io.lb4j.internal.util.Hosts;

/** A host and a port, each as it was written. */
record Place(String host, int port) {
    /**
     * Of one word.
     *
     * @throws IllegalArgumentException when it is not a host, a colon and a port
     */
    static Place parse(String place) {
        int colon = Hosts.portColon(place);
        if (colon < 0) {
            throw new IllegalArgumentException(
                    "backend: \"" + place + "\" (expected: host:port, with an IPv6 address in brackets)");
        }
        String digits = place.substring(colon + 1);
        int port = Hosts.portNumber(digits);
        if (port < 0) {
            throw new IllegalArgumentException("backend port: \"" + digits + "\" (expected: 1..65535)");
        }
        return new Place(place.substring(0, colon), port);
    }
}
