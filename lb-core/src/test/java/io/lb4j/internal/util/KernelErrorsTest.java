package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class KernelErrorsTest {
    @RegisterExtension
    final Resources resources = new Resources();

    /** What a broken pipe is called was asked for once for ever, and forgotten if the asking thread was interrupted. */
    @Test
    void brokenPipe_learnedOnAnInterruptedThread_isStillKnown() {
        Thread.currentThread().interrupt();
        KernelErrors.learn();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(KernelErrors.isBrokenPipe(new IOException("Broken pipe"))).isTrue();
        assertThat(KernelErrors.isBrokenPipe(new IOException("Connection reset by peer")))
                .isFalse();
    }

    /** With -Djdk.includeInExceptions=hostInfo the JDK appends the address to what the kernel says. */
    @Test
    void texts_withAnAddress_areKnownAsWell() {
        KernelErrors.learn();
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        ConnectException refused = catchThrowableOfType(
                ConnectException.class, () -> SocketChannel.open(new InetSocketAddress("127.0.0.1", refusing.port()))
                        .close());
        ConnectException withAddress = new ConnectException(refused.getMessage() + ": localhost/127.0.0.1:8080");
        assertThat(KernelErrors.isTimeout(refused)).isFalse();
        assertThat(KernelErrors.isTimeout(withAddress)).isFalse();
        assertThat(KernelErrors.isTimeout(new ConnectException("something else")))
                .isTrue();
        assertThat(KernelErrors.isNetworkUnreachable(new SocketException("something else")))
                .isFalse();
    }
}
