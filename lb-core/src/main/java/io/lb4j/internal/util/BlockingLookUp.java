package io.lb4j.internal.util;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of hosts for checks, whose threads may wait: from the resolver of the balancer for which the thread makes a
 * check, so that checks know what connections know. It is the thread that knows whose check it is, because a checker
 * knows of a backend and of no balancer, and may be used without one.
 */
public final class BlockingLookUp {
    private static final ThreadLocal<@Nullable NameResolver> OF_THIS_THREAD = new ThreadLocal<>();

    /** What looks up hosts, and may fail. */
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    private BlockingLookUp() {}

    /** Has what the step looks up on this thread looked up by this resolver, if there is one. */
    public static void during(@Nullable NameResolver resolver, Step step) throws Exception {
        OF_THIS_THREAD.set(resolver);
        try {
            step.run();
        } finally {
            OF_THIS_THREAD.remove();
        }
    }

    /**
     * The addresses of a host.
     *
     * @throws UnknownHostException there are none
     * @throws InterruptedIOException they were not known in time, or the thread was interrupted
     */
    public static Addresses of(String host, Duration timeout) throws IOException {
        NameResolver resolver = OF_THIS_THREAD.get();
        if (resolver == null) {
            return Addresses.of(InetAddress.getAllByName(host));
        }
        CompletableFuture<Addresses> answer = new CompletableFuture<>();
        Addresses known = resolver.lookUp(host, (found, failure) -> {
            if (found == null) {
                answer.completeExceptionally(new UnknownHostException(host));
            } else {
                answer.complete(found);
            }
        });
        return known == null ? await(answer, host, timeout) : known;
    }

    private static Addresses await(CompletableFuture<Addresses> answer, String host, Duration timeout)
            throws IOException {
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException unknown) {
            throw new UnknownHostException(host);
        } catch (TimeoutException late) {
            throw new SocketTimeoutException(
                    "host " + host + " was not looked up within " + timeout.toMillis() + " ms");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while host " + host + " was looked up");
        }
    }
}
