package io.lb4j.internal.discovery;

/** What guests have to say, for the log: one line, not too long, whatever it is and whatever asking for it throws. */
final class OneLine {
    private static final int LONGEST = 300;

    private OneLine() {}

    /** The message of a plain exception, with the kind of failure before it where that says more. */
    static String of(Throwable failure) {
        String kind = failure.getClass().getSimpleName();
        try {
            String message = failure.getMessage();
            if (message == null || message.isBlank()) {
                return kind;
            }
            boolean plain = failure.getClass() == java.io.IOException.class;
            return printable(plain ? message : kind + ": " + message);
        } catch (Throwable hostile) {
            return kind;
        }
    }

    /** What an object says it is. */
    static String of(Object guest) {
        try {
            return printable(guest.toString());
        } catch (Throwable hostile) {
            return guest.getClass().getSimpleName();
        }
    }

    private static String printable(String text) {
        String line = text.strip().lines().findFirst().orElse("");
        StringBuilder shown = new StringBuilder();
        line.chars().limit(LONGEST).forEach(c -> shown.append(Character.isISOControl(c) ? '?' : (char) c));
        return line.length() <= LONGEST ? shown.toString() : shown + "...";
    }
}
