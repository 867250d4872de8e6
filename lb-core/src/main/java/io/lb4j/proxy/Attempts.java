package io.lb4j.proxy;

/**
 * How often something is attempted that costs a system call and may be in vain: at each chance as long as it is not, and the
 * less often the more often it was, but at one of 16 chances at least. Confined to its loop.
 */
final class Attempts {
    private static final int MOST_LEFT_OUT = 15;

    /** What comes in numbers is looked for at so many chances after it has come. */
    private static final int INSISTENCE = 256;

    private int toInsist;
    private int leftOut;
    private int toLeaveOut;

    /** Whether this chance is one to attempt it at. */
    boolean isWorthOne() {
        if (toInsist > 0) {
            toInsist--;
            return true;
        }
        if (toLeaveOut > 0) {
            toLeaveOut--;
            return false;
        }
        return true;
    }

    /** It was attempted, and found what comes in numbers: for a while no chance is left out. */
    void insist() {
        toInsist = INSISTENCE;
    }

    boolean isInsisting() {
        return toInsist > 0;
    }

    /** It was attempted. Returns what it is told. */
    boolean result(boolean success) {
        leftOut = success ? 0 : Math.min(2 * leftOut + 1, MOST_LEFT_OUT);
        toLeaveOut = leftOut;
        return success;
    }
}
