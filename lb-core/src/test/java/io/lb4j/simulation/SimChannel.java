package io.lb4j.simulation;

import java.util.List;

/** What a {@link SimSelector} needs of a channel. */
interface SimChannel {
    /** Which of these operations it is ready for. */
    int ready(int interest);

    /** Whether epoll would report it for this interest although no operation is ready: select returns 0, at once. */
    default boolean wakesInVain(int interest) {
        return false;
    }

    /** What a selector may report by mistake. */
    default int spuriouslyReady(int interest) {
        return interest;
    }

    /** Its keys, one for each selector; the selector adds and removes them. */
    List<SimKey> keys();

    /** A selector has let go of it. */
    void deregistered();
}
