package io.lb4j.access;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * What many rules amount to, for one of both families of addresses: the addresses at which the answer changes, in their
 * order. Looked up in the time of a binary search. Immutable.
 */
final class Ranges {
    /*
     * Blocks are nested or have nothing in common. So, going through the addresses in their order, those that an address
     * is in form a stack, and the answer is that of the rule with the least number in it. Neighbours with the same answer
     * are one range: the answers alternate, and only the first of them has to be kept.
     */
    private final boolean firstAllows;

    /** Where ranges begin but for the first, which begins at zero: with the sign turned, so that a signed comparison will do. */
    private final int[] ipv4;

    private final long[] high;
    private final long[] low;

    private Ranges(boolean firstAllows, int[] ipv4, long[] high, long[] low) {
        this.firstAllows = firstAllows;
        this.ipv4 = ipv4;
        this.high = high;
        this.low = low;
    }

    static Ranges of(List<Rule> rules, boolean otherwise, boolean isIpv4) {
        List<Range> all = merged(new Sweep(otherwise, isIpv4).of(rules));
        List<Range> rest = all.subList(1, all.size());
        boolean firstAllows = all.get(0).allows;
        if (isIpv4) {
            int[] begins =
                    rest.stream().mapToInt(one -> turned((int) one.beginLow)).toArray();
            return new Ranges(firstAllows, begins, new long[0], new long[0]);
        }
        return new Ranges(
                firstAllows,
                new int[0],
                rest.stream().mapToLong(one -> turned(one.beginHigh)).toArray(),
                rest.stream().mapToLong(one -> turned(one.beginLow)).toArray());
    }

    boolean allowsIpv4(int address) {
        int found = Arrays.binarySearch(ipv4, turned(address));
        return answer(found < 0 ? -found - 1 : found + 1);
    }

    boolean allowsIpv6(long addressHigh, long addressLow) {
        long wantedHigh = turned(addressHigh);
        long wantedLow = turned(addressLow);
        int from = 0;
        int to = high.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            boolean isBehind = high[middle] == wantedHigh ? low[middle] > wantedLow : high[middle] > wantedHigh;
            if (isBehind) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return answer(from);
    }

    /** @param before how many ranges but the first begin at the address or before it */
    private boolean answer(int before) {
        return ((before & 1) == 0) == firstAllows;
    }

    private static int turned(int address) {
        return address ^ Integer.MIN_VALUE;
    }

    private static long turned(long half) {
        return half ^ Long.MIN_VALUE;
    }

    /** One for each change of the answer. */
    private static List<Range> merged(List<Range> ranges) {
        List<Range> merged = new ArrayList<>();
        for (Range range : ranges) {
            Range last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last == null || last.allows != range.allows) {
                merged.add(range);
            }
        }
        return merged;
    }

    /** Addresses from here on have this answer. */
    private record Range(long beginHigh, long beginLow, boolean allows) {}

    /** A block that the present address is in, and the least number of a rule among it and those around it. */
    private record Open(Cidr block, int first) {}

    /** A rule and its number. */
    private record Numbered(int number, Cidr block) {}

    /** Goes through the addresses once. */
    private static final class Sweep {
        private static final Comparator<Numbered> IN_ORDER = (one, other) -> {
            int begin = compare(
                    one.block.firstHigh(), one.block.firstLow(), other.block.firstHigh(), other.block.firstLow());
            return begin != 0 ? begin : Integer.compare(one.block.prefix(), other.block.prefix());
        };

        private final boolean otherwise;
        private final boolean isIpv4;
        private final Deque<Open> open = new ArrayDeque<>();
        private final List<Range> ranges = new ArrayList<>();

        Sweep(boolean otherwise, boolean isIpv4) {
            this.otherwise = otherwise;
            this.isIpv4 = isIpv4;
        }

        List<Range> of(List<Rule> rules) {
            List<Numbered> blocks = new ArrayList<>();
            for (int i = 0; i < rules.size(); i++) {
                if (rules.get(i).block().isIpv4() == isIpv4) {
                    blocks.add(new Numbered(i, rules.get(i).block()));
                }
            }
            blocks.sort(IN_ORDER);
            ranges.add(new Range(0, 0, otherwise));
            for (Numbered next : blocks) {
                while (!open.isEmpty() && isBefore(open.getLast().block, next.block)) {
                    close(rules);
                }
                int first = open.isEmpty() ? next.number : Math.min(next.number, open.getLast().first);
                open.addLast(new Open(next.block, first));
                begin(
                        next.block.firstHigh(),
                        next.block.firstLow(),
                        rules.get(first).allows());
            }
            while (!open.isEmpty()) {
                close(rules);
            }
            return ranges;
        }

        /** Whether the first ends before the other begins. */
        private static boolean isBefore(Cidr block, Cidr other) {
            return compare(block.lastHigh(), block.lastLow(), other.firstHigh(), other.firstLow()) < 0;
        }

        /** The innermost block ends. */
        private void close(List<Rule> rules) {
            Cidr ended = open.removeLast().block;
            boolean isLastOfAll =
                    isIpv4 ? ended.lastLow() == 0xffff_ffffL : (ended.lastHigh() & ended.lastLow()) == -1L;
            if (!isLastOfAll) {
                boolean allows = open.isEmpty()
                        ? otherwise
                        : rules.get(open.getLast().first).allows();
                long nextLow = ended.lastLow() + 1;
                begin(nextLow == 0 ? ended.lastHigh() + 1 : ended.lastHigh(), nextLow, allows);
            }
        }

        /** What begins at the same address later is about fewer addresses, or about those around: it is right. */
        private void begin(long high, long low, boolean allows) {
            Range last = ranges.get(ranges.size() - 1);
            if (last.beginHigh == high && last.beginLow == low) {
                ranges.remove(ranges.size() - 1);
            }
            ranges.add(new Range(high, low, allows));
        }

        private static int compare(long high, long low, long otherHigh, long otherLow) {
            int byHigh = Long.compareUnsigned(high, otherHigh);
            return byHigh != 0 ? byHigh : Long.compareUnsigned(low, otherLow);
        }
    }
}
