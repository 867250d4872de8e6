package io.lb4j.selection;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The order of turns in one list: nginx's smooth weighted round robin (nginx 1.3.1, 2012). Thread-safe. */
final class SmoothOrder {
    /*
     * At each turn everybody is owed its weight more, the one that is owed most is picked (of equals the first), and
     * pays the sum of all weights. After t turns, c of them its own, a candidate is owed
     *
     *     t x weight - account,    account = c x sum of weights - what it was owed at the beginning
     *
     * Only the one that is picked changes its account. So among candidates of the same weight the one with the smallest
     * account is owed most, and one heap for each different weight finds it: a turn looks at the head of each heap.
     *
     * The order repeats itself after (sum of weights / greatest common divisor) turns, a round. It is written down as it
     * comes, and when the accounts are again what they were at the beginning of the round, the cycle is complete: from
     * then on a turn is one step of a counter and one look into the table. An order that began with what was owed in
     * another list may take a while to become periodic.
     */
    private static final int LONGEST_CYCLE = 1 << 20;

    final long version;
    final Candidate[] members;
    private final long[] weights;
    private final long total;
    private volatile @Nullable Cycle cycle;

    // Guarded by this.
    private final Account[] accounts;
    private final long[] atBegin;

    /** Those of one weight each; beside it, side by side for a quick pass, that weight and the account of the first. */
    private final Group[] groups;

    private final long[] groupWeights;
    private final long[] firstValues;

    /** How many turns a round has, and how many of this one are over. */
    private final int round;

    private int turns;

    /** What was written down of this round; never anything, if a round is too long. */
    private char[] order = {};

    private final boolean isWritten;

    /**
     * @param weights of each candidate, 1 or more
     * @param owed what each is owed already, in turns; all together nothing
     */
    SmoothOrder(long version, Candidate[] members, long[] weights, double[] owed) {
        this.version = version;
        this.members = members;
        this.weights = weights;
        total = Arrays.stream(weights).sum();
        accounts = accounts(owed);
        groups = groups();
        groupWeights = Arrays.stream(groups).mapToLong(group -> group.weight).toArray();
        firstValues =
                Arrays.stream(groups).mapToLong(group -> group.first().value).toArray();
        atBegin = new long[members.length];
        long period = total / Arrays.stream(weights).reduce(0, SmoothOrder::greatestCommonDivisor);
        isWritten = period <= LONGEST_CYCLE && members.length <= Character.MAX_VALUE;
        round = isWritten ? (int) period : LONGEST_CYCLE;
        begin();
    }

    private Account[] accounts(double[] owed) {
        Account[] made = new Account[members.length];
        long surplus = 0;
        for (int i = 0; i < made.length; i++) {
            made[i] = new Account(i);
            made[i].value = -Math.round(owed[i] * total);
            surplus -= made[i].value;
        }
        // All debts together stay zero.
        long each = surplus / made.length;
        for (Account account : made) {
            account.value += each;
        }
        made[0].value += surplus - each * made.length;
        return made;
    }

    private Group[] groups() {
        Map<Long, Group> byWeight = new LinkedHashMap<>();
        for (Account account : accounts) {
            byWeight.computeIfAbsent(weights[account.index], Group::new)
                    .accounts
                    .add(account);
        }
        return byWeight.values().toArray(Group[]::new);
    }

    private static long greatestCommonDivisor(long a, long b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** The index of the candidate whose turn it is. */
    int next() {
        Cycle known = cycle;
        return known != null ? known.next() : step();
    }

    private synchronized int step() {
        Cycle known = cycle;
        if (known != null) {
            return known.next(); // completed while this thread waited
        }
        makeRoom();
        turns++;
        Account picked = pay(mostOwed());
        if (isWritten) {
            order[turns - 1] = (char) picked.index;
        }
        if (turns == round) {
            endRound();
        }
        return picked.index;
    }

    /** For this turn. Before anything is changed: memory may be short. */
    private void makeRoom() {
        if (isWritten && turns == order.length) {
            order = Arrays.copyOf(order, Math.min(round, 2 * order.length + 16));
        }
    }

    /** The group whose first one is owed most; of equals the one whose first one comes first. */
    private int mostOwed() {
        int most = 0;
        long mostOwed = turns * groupWeights[0] - firstValues[0];
        for (int i = 1; i < groupWeights.length; i++) {
            long owed = turns * groupWeights[i] - firstValues[i];
            if (owed > mostOwed || (owed == mostOwed && groups[i].first().index < groups[most].first().index)) {
                most = i;
                mostOwed = owed;
            }
        }
        return most;
    }

    private Account pay(int group) {
        Account picked = groups[group].accounts.remove();
        picked.value += total;
        groups[group].accounts.add(picked);
        firstValues[group] = groups[group].first().value;
        return picked;
    }

    /** The accounts go back by what the round has brought everybody, which changes nobody's place. */
    private void endRound() {
        for (Account account : accounts) {
            account.value -= turns * weights[account.index];
        }
        for (int i = 0; i < firstValues.length; i++) {
            firstValues[i] = groups[i].first().value;
        }
        turns = 0;
        if (isWritten && isAsAtBegin()) {
            cycle = new Cycle(order);
        } else {
            begin();
        }
    }

    private boolean isAsAtBegin() {
        for (Account account : accounts) {
            if (account.value != atBegin[account.index]) {
                return false;
            }
        }
        return true;
    }

    private void begin() {
        for (Account account : accounts) {
            atBegin[account.index] = account.value;
        }
    }

    /** What each is owed now, in turns. */
    synchronized double[] owed() {
        Cycle known = cycle;
        int over = known == null ? turns : known.turns();
        long[] values = new long[members.length];
        for (Account account : accounts) {
            values[account.index] = over * weights[account.index] - account.value;
        }
        for (int i = 0; known != null && i < over; i++) {
            values[known.order[i]] -= total;
        }
        return Arrays.stream(values)
                .mapToDouble(value -> (double) value / total)
                .toArray();
    }

    private static final class Account {
        final int index;
        long value;

        Account(int index) {
            this.index = index;
        }
    }

    /** Those of one weight. */
    private static final class Group {
        private static final Comparator<Account> MOST_OWED_FIRST =
                Comparator.<Account>comparingLong(account -> account.value).thenComparingInt(account -> account.index);

        final long weight;
        final PriorityQueue<Account> accounts = new PriorityQueue<>(MOST_OWED_FIRST);

        Group(long weight) {
            this.weight = weight;
        }

        Account first() {
            return accounts.element();
        }
    }

    /** A complete order, and how far its users have come. */
    private static final class Cycle {
        final char[] order;
        private final AtomicInteger turn = new AtomicInteger();

        Cycle(char[] order) {
            this.order = order;
        }

        int next() {
            return order[Integer.remainderUnsigned(turn.getAndIncrement(), order.length)];
        }

        int turns() {
            return Integer.remainderUnsigned(turn.get(), order.length);
        }
    }
}
