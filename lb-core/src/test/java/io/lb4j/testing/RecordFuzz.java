package io.lb4j.testing;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

/** What becomes of the records of a peer that speaks TLS: one of them, chosen by chance, is said otherwise than it was made. */
final class RecordFuzz {
    /** What the change has to lead to. */
    enum Effect {
        /** The connection goes on as if nothing were. */
        NONE,
        /** The stream is no longer what it was to be. */
        BROKEN,
        /** One of these. */
        ANY
    }

    /** How the stream below goes on. */
    enum Below {
        GOES_ON,
        FIN,
        RESET
    }

    private static final int HEADER = 5;
    private static final int HANDSHAKE = 22;
    private static final int CHANGE_CIPHER = 20;
    private static final int LARGEST_CLOSE_NOTIFY = 64;

    private final Random random;
    private final ForeignRecords foreign;
    private int left;
    private boolean isProtected;
    private boolean isToJoin;
    private byte[] held;

    private Effect effect = Effect.NONE;
    private Below below = Below.GOES_ON;
    private boolean mayStall;
    private String change = "nothing";

    RecordFuzz(Random random) {
        this.random = random;
        foreign = new ForeignRecords(random);
        left = random.nextInt(random.nextBoolean() ? 4 : 16);
    }

    Effect effect() {
        return effect;
    }

    Below below() {
        return below;
    }

    /** Whether the other side may wait for something that does not come. */
    boolean mayStall() {
        return mayStall;
    }

    String change() {
        return change;
    }

    /** Something else is done that has this effect; no record is changed then. */
    void instead(String what, Effect itsEffect) {
        left = -1;
        note(what, itsEffect, itsEffect == Effect.ANY);
    }

    void changeNothing() {
        left = -1;
    }

    boolean isPending() {
        return left >= 0;
    }

    private void note(String what, Effect itsEffect, boolean stalls) {
        change = what;
        effect = itsEffect;
        mayStall = stalls;
    }

    /** What is said in place of this record. */
    byte[] said(byte[] record, boolean isStream) {
        if (held != null) {
            return saidAfterHeld(record, isStream);
        }
        if (left < 0 || left-- > 0) {
            isProtected |= record[0] == CHANGE_CIPHER;
            return record;
        }
        byte[] said = isStream ? inStream(record) : inHandshake(record);
        isProtected |= record[0] == CHANGE_CIPHER;
        change += (isStream ? ", in the stream" : ", in the handshake") + ", record of type " + record[0] + " and "
                + record.length + " bytes";
        return said;
    }

    /** What has to be said before an answer can be waited for. */
    byte[] rest() {
        byte[] rest = held == null ? new byte[0] : held;
        held = null;
        return rest;
    }

    private byte[] saidAfterHeld(byte[] record, boolean isStream) {
        byte[] first = rest();
        if (!isToJoin) {
            note("swapped", isStream ? Effect.BROKEN : Effect.ANY, true);
            return join(record, first);
        }
        if (record[0] != HANDSHAKE || isProtected) {
            return join(first, record);
        }
        return ForeignRecords.record(HANDSHAKE, 0x0303, join(body(first), body(record)));
    }

    private byte[] inStream(byte[] record) {
        switch (random.nextInt(8)) {
            case 0 -> {
                return flipped(record, HEADER, Effect.BROKEN, false);
            }
            case 1 -> {
                return flipped(record, 0, Effect.ANY, true);
            }
            case 2 -> {
                return cutOff(record);
            }
            case 3 -> {
                boolean mayBeLast = record.length <= LARGEST_CLOSE_NOTIFY;
                note("twice", mayBeLast ? Effect.ANY : Effect.BROKEN, mayBeLast);
                return join(record, record);
            }
            case 4 -> {
                note("left out", Effect.BROKEN, true);
                return new byte[0];
            }
            case 5 -> {
                note("held", Effect.NONE, false);
                held = record;
                return new byte[0];
            }
            default -> {
                byte[] added = foreign.next();
                boolean isIgnored = added[0] == CHANGE_CIPHER;
                note(
                        foreign.what() + " before it",
                        isIgnored ? Effect.ANY : Effect.BROKEN,
                        isIgnored || foreign.mayStall());
                return join(added, record);
            }
        }
    }

    private byte[] inHandshake(byte[] record) {
        boolean isPlain = record[0] == HANDSHAKE && !isProtected;
        switch (random.nextInt(12)) {
            case 0, 1 -> {
                return flipped(record, 0, Effect.ANY, true);
            }
            case 2 -> {
                return cutOff(record);
            }
            case 3, 4 -> {
                boolean isTwice = random.nextBoolean();
                note(isTwice ? "twice" : "left out", Effect.ANY, true);
                return isTwice ? join(record, record) : new byte[0];
            }
            case 5 -> {
                note("held", Effect.NONE, false);
                isToJoin = isPlain && random.nextBoolean();
                held = record;
                return new byte[0];
            }
            case 6, 7 -> {
                return isPlain ? inPieces(record) : flipped(record, HEADER, Effect.ANY, true);
            }
            case 8, 9 -> {
                byte[] hello = isPlain ? foreign.withOddExtensions(record) : null;
                if (hello == null) {
                    return foreignBeside(record);
                }
                note(foreign.what(), Effect.ANY, true);
                return hello;
            }
            default -> {
                return foreignBeside(record);
            }
        }
    }

    private byte[] foreignBeside(byte[] record) {
        byte[] added = foreign.next();
        boolean isFirst = random.nextBoolean();
        note(foreign.what() + (isFirst ? " before it" : " after it"), Effect.ANY, true);
        return isFirst ? join(added, record) : join(record, added);
    }

    private byte[] flipped(byte[] record, int from, Effect itsEffect, boolean stalls) {
        byte[] flipped = record.clone();
        int until = from == 0 && random.nextBoolean() ? HEADER : record.length;
        StringBuilder bits = new StringBuilder("flipped");
        for (int i = random.nextInt(10) == 0 ? 3 : 1; i > 0; i--) {
            int at = from + random.nextInt(until - from);
            int bit = random.nextInt(8);
            flipped[at] ^= (byte) (1 << bit);
            bits.append(' ').append(at).append('.').append(bit);
        }
        boolean isChanged = !Arrays.equals(record, flipped);
        note(bits.toString(), isChanged ? itsEffect : Effect.NONE, isChanged && stalls);
        return flipped;
    }

    private byte[] cutOff(byte[] record) {
        int size = random.nextInt(record.length);
        below = random.nextBoolean() ? Below.FIN : Below.RESET;
        note("cut off after " + size + " bytes by " + below, Effect.BROKEN, false);
        return Arrays.copyOf(record, size);
    }

    private byte[] inPieces(byte[] record) {
        int most = random.nextBoolean() ? 1 : 1 + random.nextInt(100);
        int strangerAt = random.nextInt(3) == 0 ? HEADER + random.nextInt(record.length - HEADER) : record.length;
        boolean hasStranger = strangerAt < record.length;
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        for (int at = HEADER; at < record.length; at += most) {
            byte[] piece = Arrays.copyOfRange(record, at, Math.min(at + most, record.length));
            pieces.writeBytes(ForeignRecords.record(HANDSHAKE, 0x0303, piece));
            if (at <= strangerAt && strangerAt < at + most && hasStranger) {
                pieces.writeBytes(foreign.next());
            }
        }
        String with = hasStranger ? ", within them " + foreign.what() : "";
        note("in records of " + most + with, hasStranger ? Effect.ANY : Effect.NONE, hasStranger);
        return pieces.toByteArray();
    }

    private static byte[] body(byte[] record) {
        return Arrays.copyOfRange(record, HEADER, record.length);
    }

    static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
