package io.lb4j.testing;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/** The classes that a class file speaks of: those in its constant pool (The Java Virtual Machine Specification, 4.4). */
public final class ClassReferences {
    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int MODULE = 19;
    private static final int PACKAGE = 20;

    private ClassReferences() {}

    /** Names as {@link Class#getName} has them; arrays are left out. */
    public static Set<String> of(ClassLoader loader, String name) throws IOException {
        String path = name.replace('.', '/') + ".class";
        try (InputStream file = Objects.requireNonNull(loader.getResourceAsStream(path), path)) {
            return of(new DataInputStream(file));
        }
    }

    private static Set<String> of(DataInputStream in) throws IOException {
        in.skipNBytes(8);
        int count = in.readUnsignedShort();
        String[] texts = new String[count];
        int[] classes = new int[count];
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case UTF8 -> texts[i] = in.readUTF();
                case CLASS -> classes[i] = in.readUnsignedShort();
                case STRING, METHOD_TYPE, MODULE, PACKAGE -> in.skipNBytes(2);
                case METHOD_HANDLE -> in.skipNBytes(3);
                case LONG, DOUBLE -> {
                    in.skipNBytes(8);
                    // It takes two places.
                    i++;
                }
                default -> in.skipNBytes(4);
            }
        }
        Set<String> names = new HashSet<>();
        for (int index : classes) {
            if (index != 0 && !texts[index].startsWith("[")) {
                names.add(texts[index].replace('/', '.'));
            }
        }
        return names;
    }
}
