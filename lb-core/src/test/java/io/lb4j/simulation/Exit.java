package io.lb4j.simulation;

/**
 * The kinds of calls by which the engine leaves itself. One whose name ends in DONE has had its effect, and fails
 * nevertheless.
 */
enum Exit {
    OPEN_SOCKET,
    OPEN_LISTENER,
    OPEN_SELECTOR,
    OPEN_PIPE,
    SELECT,
    /** A select that has taken one changed key out of its queue, and has not told epoll. */
    SELECT_UPDATE,
    /** A select that has taken one cancelled key out of its queue, and has not deregistered it. */
    SELECT_CANCEL,
    /** A select that is about to hand over a ready key. */
    SELECT_EVENT,
    WAKEUP,
    REGISTER,
    /** Registered, and nobody has the key: its channel does not know of it. */
    REGISTER_DONE,
    /** The interest is set, and the queue of changed keys could not grow. */
    INTEREST,
    /** The key is invalid, and the queue of cancelled keys could not grow. */
    CANCEL,
    ACCEPT,
    /** The kernel has handed out the connection, and nobody has it. */
    ACCEPT_DONE,
    READ,
    READ_DONE,
    WRITE,
    WRITE_DONE,
    CONNECT,
    CONNECT_DONE,
    FINISH_CONNECT,
    FINISH_CONNECT_DONE,
    SHUTDOWN_OUTPUT,
    SET_OPTION,
    ADDRESS,
    /** Closed as far as its keys allow, which are not cancelled. */
    CLOSE_SOCKET,
    CLOSE_LISTENER,
    /** Closed, and its channels are not deregistered. */
    CLOSE_SELECTOR,
    CLOCK,
    RANDOM,
    NEW_THREAD,
    START_THREAD,
    NEW_POOL,
    EXECUTE,
    /** The pool has the work. */
    EXECUTE_DONE,
    SHUTDOWN_POOL,
    ROUTER,
    ROUTE,
    SELECTOR,
    LISTENER,
    CHECKER,
    DISCOVERY,
    LOG
}
