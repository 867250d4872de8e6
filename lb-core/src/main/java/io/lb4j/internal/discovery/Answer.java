package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Hosts;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a discovery answered, copied and checked, so that nothing of the guest's is touched afterwards.
 *
 * @param backends no id and no address twice
 * @param duplicates those left out because an earlier one has their id or address
 * @param refused those left out because they were not admitted
 * @param refusal why the first of those was not; empty when there are none
 */
record Answer(List<Backend> backends, List<Backend> duplicates, List<Backend> refused, String refusal) {
    /**
     * Checks an answer. Throws for nonsense, and whatever a guest's list throws.
     *
     * @param admission what each of them becomes; where it throws an exception, that one is left out
     */
    static Answer of(@Nullable List<Backend> answered, UnaryOperator<Backend> admission) {
        if (answered == null) {
            throw new IllegalStateException("answered null (expected: a list, empty when there is no backend)");
        }
        Sorting sorting = new Sorting();
        for (Backend backend : answered) {
            if (backend == null) {
                throw new IllegalStateException("answered a list with null in it (expected: backends)");
            }
            sorting.take(backend, admission);
        }
        return sorting.answer();
    }

    /** An answer, backend by backend. */
    private static final class Sorting {
        private final List<Backend> backends = new ArrayList<>();
        private final List<Backend> duplicates = new ArrayList<>();
        private final List<Backend> refused = new ArrayList<>();
        private final Set<String> ids = new HashSet<>();
        private final Set<String> addresses = new HashSet<>();
        private String refusal = "";

        void take(Backend backend, UnaryOperator<Backend> admission) {
            try {
                admitted(admission.apply(backend));
            } catch (RuntimeException notAdmitted) {
                refusal = refused.isEmpty() ? OneLine.of(notAdmitted) : refusal;
                refused.add(backend);
            }
        }

        private void admitted(Backend backend) {
            // Both are asked before either is entered: a backend left out must not keep others out.
            if (ids.contains(backend.id()) || addresses.contains(address(backend))) {
                duplicates.add(backend);
            } else {
                ids.add(backend.id());
                addresses.add(address(backend));
                backends.add(backend);
            }
        }

        Answer answer() {
            return new Answer(List.copyOf(backends), List.copyOf(duplicates), List.copyOf(refused), refusal);
        }
    }

    /** Host and port, the same for every spelling of an address or a name. */
    static String address(Backend backend) {
        InetAddress literal = Hosts.literal(backend.host());
        String host = literal == null ? backend.host().toLowerCase(Locale.ROOT) : literal.getHostAddress();
        return Hosts.join(host, backend.port());
    }
}
