package io.lb4j.internal.loop;

/** What a sink does not take yet. Confined to its loop. */
public interface Pending extends Unwritten {
    /** How many bytes of the source it holds. */
    int size();

    /** Gives its memory back, with what is left in it. Does not fail, and allocates nothing: it is a part of every end. */
    void giveBack();
}
