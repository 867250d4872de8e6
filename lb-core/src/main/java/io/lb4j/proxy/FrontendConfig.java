package io.lb4j.proxy;

/**
 * The settings of one frontend.
 *
 * @param name its name
 * @param host the address or host name to listen on
 * @param ports the ports asked for; 0 for any free one
 * @param timeouts how long things may take for its connections
 * @param entry who may come in, and how many
 * @param destination where its connections go, in words: for people
 */
public record FrontendConfig(
        String name, String host, PortRange ports, TimeoutPolicy timeouts, EntryPolicy entry, String destination) {
    FrontendConfig with(TimeoutPolicy other) {
        return new FrontendConfig(name, host, ports, other, entry, destination);
    }

    FrontendConfig with(EntryPolicy other) {
        return new FrontendConfig(name, host, ports, timeouts, other, destination);
    }

    /** Host and ports as one word, an IPv6 address in brackets. */
    public String hostAndPorts() {
        return ports.of(host);
    }
}
