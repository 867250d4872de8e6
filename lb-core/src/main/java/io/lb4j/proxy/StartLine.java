package io.lb4j.proxy;

import io.lb4j.internal.util.Hosts;
import java.util.List;
import java.util.stream.Collectors;

/** What the log says of where a proxy listens. */
final class StartLine {
    private static final int MOST_PLACES = 10;

    private StartLine() {}

    static String of(List<Frontend> frontends, ProxyContext context) {
        String places =
                frontends.stream().limit(MOST_PLACES).map(StartLine::place).collect(Collectors.joining(", "));
        int more = frontends.size() - MOST_PLACES;
        return "listening on "
                + places
                + (more > 0 ? " and " + more + " more places" : "")
                + limit(context.connectionLimit())
                + context.transport.note();
    }

    /** Where a frontend listens, as it was written but for any free port. */
    static String place(Frontend frontend) {
        PortRange ports = frontend.config().ports();
        return ports.size() == 1
                ? Hosts.join(frontend.config().host(), frontend.port())
                : frontend.config().hostAndPorts();
    }

    private static String limit(int limit) {
        return limit == AcceptGate.UNLIMITED ? "" : ", at most " + limit + " connections at a time";
    }
}
