package io.lb4j.preface;

/**
 * What a parser makes of the bytes that are there so far. Immutable.
 *
 * <p>The answer of fewer bytes holds for more: what is complete stays complete with the same value and length, whatever comes
 * behind it, and what is invalid stays invalid. Only what is incomplete may become the one or the other.
 *
 * @param <T> what the bytes stand for
 */
public sealed interface Parsed<T> {
    /** They are right so far, and more of them have to come. */
    static <T> Parsed<T> incomplete() {
        @SuppressWarnings("unchecked") // it holds no value
        Parsed<T> incomplete = (Parsed<T>) Incomplete.INSTANCE;
        return incomplete;
    }

    /** They are wrong, whatever comes behind them. */
    static <T> Parsed<T> invalid(String reason) {
        return new Invalid<>(reason);
    }

    /** They stand for this value, which the first {@code length} of them made. */
    static <T> Parsed<T> complete(T value, int length) {
        return new Complete<>(value, length);
    }

    /**
     * All of it was there.
     *
     * @param value what the bytes stand for
     * @param length how many bytes it took; those behind them were not looked at
     */
    record Complete<T>(T value, int length) implements Parsed<T> {}

    /**
     * It cannot be that, and will not be with more bytes.
     *
     * @param reason why: one of few fixed sentences, fit for a log. It has none of the bytes
     */
    record Invalid<T>(String reason) implements Parsed<T> {}

    /** More bytes are needed. There is one of it, {@link #incomplete}. */
    final class Incomplete<T> implements Parsed<T> {
        private static final Incomplete<?> INSTANCE = new Incomplete<>();

        private Incomplete() {}

        @Override
        public String toString() {
            return "Incomplete";
        }
    }
}
