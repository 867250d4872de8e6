package io.lb4j.internal.loop;

import org.jspecify.annotations.Nullable;

/**
 * What a provider of sockets is besides, if its sockets can move bytes from one to another inside the kernel (Linux:
 * {@code splice(2)}). Thread-safe.
 */
public interface Splicing {
    /** An empty pipe; null when there is none to be had now. */
    @Nullable
    SplicePipe openPipeOfKernel();

    /** How many bytes a stream has to bring in most turns of its loop, so that it is worth it. */
    int worthwhile();
}
