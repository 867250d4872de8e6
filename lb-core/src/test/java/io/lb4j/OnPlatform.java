package io.lb4j;

import io.lb4j.internal.util.Platform;

/** Lets tests of other packages hand in their own sockets, time and threads. */
public final class OnPlatform {
    private OnPlatform() {}

    @SuppressWarnings("exports")
    public static LoadBalancerBuilder builder(Platform platform) {
        return LoadBalancer.builder().platform(platform);
    }
}
