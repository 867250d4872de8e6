package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Hosts;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a discovery answered, copied and checked, so that nothing of the guest's is touched afterwards.
 *
 * @param backends no id and no address twice
 * @param duplicates those left out because an earlier one has their id or address
 */
record Answer(List<Backend> backends, List<Backend> duplicates) {
    /** Checks an answer. Throws for nonsense, and whatever a guest's list throws. */
    static Answer of(@Nullable List<Backend> answered) {
        if (answered == null) {
            throw new IllegalStateException("answered null (expected: a list, empty when there is no backend)");
        }
        List<Backend> backends = new ArrayList<>();
        List<Backend> duplicates = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        Set<String> addresses = new HashSet<>();
        for (Backend backend : answered) {
            if (backend == null) {
                throw new IllegalStateException("answered a list with null in it (expected: backends)");
            }
            // Both are asked before either is entered: a backend left out must not keep others out.
            if (ids.contains(backend.id()) || addresses.contains(address(backend))) {
                duplicates.add(backend);
            } else {
                ids.add(backend.id());
                addresses.add(address(backend));
                backends.add(backend);
            }
        }
        return new Answer(List.copyOf(backends), List.copyOf(duplicates));
    }

    /** Host and port, the same for every spelling of an address or a name. */
    static String address(Backend backend) {
        InetAddress literal = Hosts.literal(backend.host());
        String host = literal == null ? backend.host().toLowerCase(Locale.ROOT) : literal.getHostAddress();
        return Hosts.join(host, backend.port());
    }
}
