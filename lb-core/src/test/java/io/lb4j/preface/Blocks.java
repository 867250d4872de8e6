package io.lb4j.preface;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** Headers of version 2, right ones and wrong ones, from digits. */
public final class Blocks {
    public static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    public static final String TCP4 = "c0a80001 c0a8000b dc04 01bb";
    public static final String TCP6 = "20010db885a3000000008a2e03707334 105000000000000000050600300c326b dc04 01bb";
    public static final String UNIX =
            "2f72756e2f732e736f636b" + "00".repeat(97) + "2f72756e2f642e736f636b" + "00".repeat(97);

    private Blocks() {}

    public static byte[] bytes(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    /** With the right length. */
    public static byte[] block(String versionAndFamily, String... behind) {
        String all = String.join("", behind).replace(" ", "");
        return bytes(SIGNATURE + versionAndFamily + String.format("%04x", all.length() / 2) + all);
    }

    /** A TLV of this type and so many bytes. */
    public static String tlv(int type, int length) {
        return String.format("%02x%04x", type, length) + "7a".repeat(length);
    }

    public static String tlv(int type, String value) {
        return String.format("%02x%04x", type, value.replace(" ", "").length() / 2) + value;
    }

    /** Sets the checksum whose four bytes of zeros begin there; all in all, once more from the specification. */
    public static byte[] checked(byte[] block, int field) {
        CRC32C checksum = new CRC32C();
        checksum.update(block);
        byte[] checked = block.clone();
        for (int i = 0; i < 4; i++) {
            checked[field + i] = (byte) (checksum.getValue() >> (24 - 8 * i));
        }
        return checked;
    }

    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
