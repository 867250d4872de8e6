package io.lb4j.simulation;

/**
 * The queue in which a selector of the JDK keeps changed or cancelled keys until its next select: an {@code ArrayDeque},
 * and what becomes of one whose array could not grow.
 */
final class KeyQueue {
    /*
     * ArrayDeque.addLast stores the element, moves the tail, and grows when the tail has met the head. When that fails,
     * the full ring stays, which by its head and tail looks empty: the next addLast overwrites the oldest element. Taking
     * does not look at the tail but takes while there is an element at the head. So after such an overwriting the head
     * ends up on a free place before the tail, where nothing is found until the tail has come round once more.
     */
    private static final int FIRST_CAPACITY = 17;

    /** A key that has been dealt with, and is in the queue once more. */
    private static final Object NO_KEY = new Object();

    private Object[] elements = new Object[FIRST_CAPACITY];
    private int head;
    private int tail;

    void add(SimKey key) {
        elements[tail] = key;
        tail = next(tail);
        if (head == tail) {
            copyTo(2 * elements.length, false);
        }
    }

    /** Adds a key as the one that fills the array, and the array cannot grow. */
    void addInVain(SimKey key) {
        int size = Math.floorMod(tail - head, elements.length);
        copyTo(Math.max(FIRST_CAPACITY, size + 1), true);
        elements[elements.length - 1] = key;
        head = 0;
        tail = 0;
    }

    private void copyTo(int capacity, boolean fill) {
        Object[] larger = new Object[capacity];
        int size = 0;
        for (int i = 0, from = head; i < elements.length; i++, from = next(from)) {
            if (elements[from] != null) {
                larger[size++] = elements[from];
            }
        }
        elements = larger;
        head = 0;
        tail = size;
        for (int i = size; fill && i < capacity; i++) {
            larger[i] = NO_KEY;
        }
    }

    /** Null when it finds none. */
    SimKey take() {
        Object first = elements[head];
        while (first == NO_KEY) {
            elements[head] = null;
            head = next(head);
            first = elements[head];
        }
        if (first != null) {
            elements[head] = null;
            head = next(head);
        }
        return (SimKey) first;
    }

    private int next(int index) {
        return index + 1 == elements.length ? 0 : index + 1;
    }
}
