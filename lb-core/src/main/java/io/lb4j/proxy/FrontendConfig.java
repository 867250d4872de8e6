package io.lb4j.proxy;

/**
 * The settings of one frontend.
 *
 * @param name its name
 * @param host the address or host name to listen on
 * @param ports the ports asked for; 0 for any free one
 * @param timeouts how long things may take for its connections
 * @param destination where its connections go, in words: for people
 */
public record FrontendConfig(String name, String host, PortRange ports, TimeoutPolicy timeouts, String destination) {
    /** Host and ports as one word, an IPv6 address in brackets. */
    public String hostAndPorts() {
        return ports.of(host);
    }
}
