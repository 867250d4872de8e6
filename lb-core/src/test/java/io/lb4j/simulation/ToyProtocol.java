package io.lb4j.simulation;

import org.jspecify.annotations.Nullable;

/** What a toy TLS behaves like. */
enum ToyProtocol {
    TLS_1_3("TLSv1.3", 0x0304, 0x1302, "TLS_AES_256_GCM_SHA384", 16_367, 16_676),
    TLS_1_2("TLSv1.2", 0x0303, 0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 16_384, 16_680);

    final String name;
    final int version;
    final int suite;
    final String suiteName;

    /** How many bytes the JDK takes from its user for one record. */
    final int largestContent;

    final int applicationBufferSize;

    ToyProtocol(String name, int version, int suite, String suiteName, int largestContent, int applicationBufferSize) {
        this.name = name;
        this.version = version;
        this.suite = suite;
        this.suiteName = suiteName;
        this.largestContent = largestContent;
        this.applicationBufferSize = applicationBufferSize;
    }

    static @Nullable ToyProtocol of(int version) {
        for (ToyProtocol protocol : values()) {
            if (protocol.version == version) {
                return protocol;
            }
        }
        return null;
    }
}
