package io.lb4j.discovery;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The backends that the SRV records of a name tell. */
final class SrvDiscovery implements BackendDiscovery {
    /** The preferred first; the rest only makes the order stable. */
    private static final Comparator<SrvRecord> ORDER = Comparator.comparingInt(SrvRecord::priority)
            .thenComparing(SrvRecord::host)
            .thenComparingInt(SrvRecord::port)
            .thenComparingInt(SrvRecord::weight);

    private final String name;
    private final NameServer server;

    SrvDiscovery(String name, NameServer server) {
        this.name = NameServer.checkName("name", name);
        this.server = server;
    }

    @Override
    public List<Backend> discover() throws IOException, InterruptedException {
        try (DnsQuestions questions = server.open()) {
            Collection<SrvRecord> records = records(questions);
            Map<String, Collection<InetAddress>> hosts = new HashMap<>();
            List<Backend> backends = new ArrayList<>();
            for (SrvRecord record : records) {
                if (!hosts.containsKey(record.host())) {
                    hosts.put(record.host(), questions.addresses(record.host()));
                }
                for (Backend place : DnsDiscovery.backends(hosts.get(record.host()), record.port())) {
                    backends.add(record.backend(place, records));
                }
            }
            return backends;
        }
    }

    private Collection<SrvRecord> records(DnsQuestions questions) throws IOException, InterruptedException {
        Collection<SrvRecord> records = new TreeSet<>(ORDER);
        for (String text : questions.records(name, "SRV")) {
            SrvRecord record = SrvRecord.parse(text);
            if (record.isOffered()) {
                records.add(record);
            }
        }
        return records;
    }

    @Override
    public String toString() {
        return "dnsSrv(" + name + server.suffix() + ")";
    }
}
