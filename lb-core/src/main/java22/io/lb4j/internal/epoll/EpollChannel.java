package io.lb4j.internal.epoll;

/** What a selector asks of a channel. Confined to the selector's thread, but for {@link #descriptor}. */
interface EpollChannel {
    /** Negative when it is closed. */
    int descriptor();

    /** What its key hears of, from the first interest on, and whether it hears of it once or for as long as it lasts. */
    int events();

    /** What is known when its key is made, as {@link EpollKey} has it. */
    int knownAtFirst();

    /** Whether a connect is under way. */
    boolean isConnecting();

    /** The key that hears of it from now on. */
    void key(EpollKey key);

    /** This one hears of it no more. */
    void dropped(EpollKey key);
}
