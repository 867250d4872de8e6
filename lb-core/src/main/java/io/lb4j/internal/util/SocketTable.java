package io.lb4j.internal.util;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a kernel says of the TCP sockets of this process's network: which there are, and how much they have sent that
 * their peers have not acknowledged. Java does not tell. Looking takes time that grows with the number of all sockets of
 * the machine.
 */
@FunctionalInterface
public interface SocketTable {
    /** Its kernel knows no such connection: the socket was reset, or has ended. */
    long GONE = -1;

    /** This kernel does not tell. */
    long UNKNOWN = -2;

    /** One end of a connection, and what is found out about it. */
    final class Question {
        private final InetSocketAddress local;
        private final InetSocketAddress remote;
        private long answer = UNKNOWN;

        public Question(InetSocketAddress local, InetSocketAddress remote) {
            this.local = local;
            this.remote = remote;
        }

        public InetSocketAddress local() {
            return local;
        }

        public InetSocketAddress remote() {
            return remote;
        }

        /** Bytes, an end of stream counted as one, that were sent and not acknowledged; {@link #GONE} or {@link #UNKNOWN}. */
        public long unacknowledged() {
            return answer;
        }

        public void answer(long found) {
            answer = found;
        }
    }

    /** Answers all questions. May block; any thread. */
    void look(List<Question> questions);

    /** The table of this machine: Linux has one, others have none. */
    static SocketTable ofThisMachine() {
        Path tcp = Path.of("/proc/net/tcp");
        Path tcp6 = Path.of("/proc/net/tcp6");
        return questions -> Linux.look(questions, tcp, tcp6);
    }

    /** Linux: Documentation/networking/proc_net_tcp.rst. */
    final class Linux {
        private Linux() {}

        static void look(List<Question> questions, Path... files) {
            try {
                Map<String, List<Question>> byAddresses = new HashMap<>();
                for (Question question : questions) {
                    for (boolean mapped : new boolean[] {false, true}) {
                        String key = key(question.local(), mapped) + " " + key(question.remote(), mapped);
                        byAddresses
                                .computeIfAbsent(key, addresses -> new ArrayList<>())
                                .add(question);
                    }
                }
                boolean found = false;
                for (Path file : files) {
                    found |= read(file, byAddresses);
                }
                long rest = found ? GONE : UNKNOWN;
                questions.stream()
                        .filter(question -> question.unacknowledged() == UNKNOWN)
                        .forEach(question -> question.answer(rest));
            } catch (IOException | RuntimeException unreadable) {
                questions.forEach(question -> question.answer(UNKNOWN));
            }
        }

        /** Returns whether there is such a file. */
        private static boolean read(Path file, Map<String, List<Question>> byAddresses) throws IOException {
            if (!Files.isReadable(file)) {
                return false;
            }
            try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    // sl local_address rem_address st tx_queue:rx_queue ...
                    String[] words = line.trim().split(" +", 6);
                    List<Question> asked = words.length < 5 ? null : byAddresses.get(words[1] + " " + words[2]);
                    if (asked != null) {
                        long queued = Long.parseLong(words[4].substring(0, words[4].indexOf(':')), 16);
                        asked.forEach(question -> question.answer(queued));
                    }
                }
            }
            return true;
        }

        /** Each word of 32 bits as this machine reads it, in hexadecimal. */
        static String key(InetSocketAddress address, boolean mapped) {
            byte[] bytes = bytes(address.getAddress(), mapped);
            ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
            StringBuilder key = new StringBuilder(40);
            while (words.hasRemaining()) {
                key.append(String.format(Locale.ROOT, "%08X", words.getInt()));
            }
            return key.append(String.format(Locale.ROOT, ":%04X", address.getPort()))
                    .toString();
        }

        private static byte[] bytes(InetAddress address, boolean mapped) {
            byte[] bytes = address.getAddress();
            if (!mapped || bytes.length == 16) {
                return bytes;
            }
            byte[] sixteen = new byte[16];
            sixteen[10] = (byte) 0xFF;
            sixteen[11] = (byte) 0xFF;
            System.arraycopy(bytes, 0, sixteen, 12, 4);
            return sixteen;
        }
    }
}
