package io.lb4j.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A name server that answers what the test says, true or not: also what a real one would never send. A question that
 * nothing was scripted for is answered with NXDOMAIN.
 */
public final class ScriptedDns implements AutoCloseable {
    public static final String ADDRESS = "127.0.0.1";

    private static final int QR_RD_RA = 0x8180;
    private static final int NO_ERROR = 0;
    private static final int NX_DOMAIN = 3;
    private static final Map<String, Integer> TYPES = Map.of("A", 1, "CNAME", 5, "AAAA", 28, "SRV", 33);

    private record Record(String owner, int type, byte[] data) {}

    private record Reply(int code, List<Record> records) {}

    private final DatagramSocket socket;
    private final Thread thread;
    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    private ScriptedDns() throws IOException {
        socket = new DatagramSocket(0, InetAddress.getByName(ADDRESS));
        thread = new Thread(this::serve, "scripted-dns");
    }

    public static ScriptedDns start() throws IOException {
        ScriptedDns server = new ScriptedDns();
        server.thread.start();
        return server;
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** What was asked, as {@code TYPE name}. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    /** From now on this question has an answer with these records, or none of them, and the name exists. */
    public ScriptedDns answer(String type, String name, byte[]... records) {
        List<Record> answers = Arrays.stream(records)
                .map(data -> new Record(name, TYPES.get(type), data))
                .toList();
        replies.put(type + " " + name, new Reply(NO_ERROR, answers));
        return this;
    }

    /** Every question for the name but that for its alias is answered with the alias and nothing else. */
    public ScriptedDns alias(String name, String target, boolean targetExists) {
        Record alias = new Record(name, TYPES.get("CNAME"), name(target.split("\\.")));
        Reply dangling = new Reply(targetExists ? NO_ERROR : NX_DOMAIN, List.of(alias));
        TYPES.keySet().forEach(type -> replies.put(type + " " + name, dangling));
        replies.put("CNAME " + name, new Reply(NO_ERROR, List.of(alias)));
        return this;
    }

    /** A record's target; the labels may hold anything. */
    public static byte[] srv(int port, String... labels) {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        record.writeBytes(new byte[] {0, 0, 0, 1, (byte) (port >> 8), (byte) port});
        record.writeBytes(name(labels));
        return record.toByteArray();
    }

    private static byte[] name(String... labels) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        for (String label : labels) {
            name.write(label.length());
            name.writeBytes(label.getBytes(ISO_8859_1));
        }
        name.write(0);
        return name.toByteArray();
    }

    private void serve() {
        try {
            while (!socket.isClosed()) {
                DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                socket.receive(packet);
                packet.setData(reply(packet.getData()));
                socket.send(packet);
            }
        } catch (IOException closed) {
            // That is how it ends.
        }
    }

    private byte[] reply(byte[] question) throws IOException {
        DataInputStream in = new DataInputStream(new java.io.ByteArrayInputStream(question));
        int id = in.readUnsignedShort();
        in.skipBytes(10);
        String name = readName(in);
        int type = in.readUnsignedShort();
        String wanted = typeName(type) + " " + name;
        asked.add(wanted);
        Reply reply = replies.getOrDefault(wanted, new Reply(NX_DOMAIN, List.of()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (int number : new int[] {id, QR_RD_RA | reply.code, 1, reply.records.size(), 0, 0}) {
            out.writeShort(number);
        }
        out.write(name(name.split("\\.")));
        out.writeShort(type);
        out.writeShort(1);
        for (Record record : reply.records) {
            write(out, record);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Record record) throws IOException {
        out.write(name(record.owner.split("\\.")));
        out.writeShort(record.type);
        out.writeShort(1);
        out.writeInt(60);
        out.writeShort(record.data.length);
        out.write(record.data);
    }

    private static String readName(DataInputStream in) throws IOException {
        List<String> labels = new ArrayList<>();
        for (int length = in.readUnsignedByte(); length > 0; length = in.readUnsignedByte()) {
            labels.add(new String(in.readNBytes(length), ISO_8859_1));
        }
        return String.join(".", labels);
    }

    private static String typeName(int type) {
        return TYPES.entrySet().stream()
                .filter(entry -> entry.getValue() == type)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("TYPE" + type);
    }

    @Override
    public void close() {
        socket.close();
        try {
            thread.join(Peer.PATIENCE_MILLIS);
        } catch (InterruptedException interrupted) {
            throw new UncheckedIOException(new java.io.InterruptedIOException());
        }
    }
}
