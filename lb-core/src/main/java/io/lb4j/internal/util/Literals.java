package io.lb4j.internal.util;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes the literals of a class before they are needed. The JVM makes a string when code that names it runs for the first
 * time. When there is no memory then, that code fails there, as does the code that was to say that something has failed;
 * and what was to come next does not happen. A string that exists is found without memory.
 */
final class Literals {
    // The constants of a class file (JVM specification, 4.4) that are looked at, or are not four bytes long.
    private static final int TEXT = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int LITERAL = 8;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;

    private static final int MAGIC_AND_VERSION = 8;

    /** The JVM forgets those that nobody holds. */
    private static final Set<String> MADE = ConcurrentHashMap.newKeySet();

    private static final Set<Class<?>> READ = ConcurrentHashMap.newKeySet();

    private Literals() {}

    /** Where there is no class file to be read, as in a native image, they are made when they are needed. */
    static void of(Class<?> type) {
        if (READ.add(type)) {
            read(type);
        }
    }

    private static void read(Class<?> type) {
        String name = type.getName();
        try (InputStream file = type.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
            if (file != null) {
                make(file.readAllBytes());
            }
        } catch (IOException | RuntimeException unreadable) {
            // As above.
        }
    }

    private static void make(byte[] content) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(content);
        file.position(MAGIC_AND_VERSION);
        int count = Short.toUnsignedInt(file.getShort());
        int[] texts = new int[count];
        int[] literals = new int[count];
        for (int i = 1; i < count; i++) {
            switch (file.get()) {
                case TEXT -> {
                    texts[i] = file.position();
                    skip(file, Short.toUnsignedInt(file.getShort()));
                }
                case LITERAL -> literals[i] = Short.toUnsignedInt(file.getShort());
                case CLASS, METHOD_TYPE -> skip(file, 2);
                case METHOD_HANDLE -> skip(file, 3);
                case LONG, DOUBLE -> {
                    skip(file, 8);
                    // It counts for two.
                    i++;
                }
                default -> skip(file, 4);
            }
        }
        for (int literal : literals) {
            if (literal > 0) {
                MADE.add(text(content, texts[literal]).intern());
            }
        }
    }

    private static void skip(ByteBuffer file, int bytes) {
        file.position(file.position() + bytes);
    }

    private static String text(byte[] content, int at) throws IOException {
        return new DataInputStream(new ByteArrayInputStream(content, at, content.length - at)).readUTF();
    }
}
