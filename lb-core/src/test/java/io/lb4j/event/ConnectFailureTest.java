package io.lb4j.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lb4j.internal.util.KernelErrors;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an exception stands for is said by its type, and by a text only where it is the kernel's own. */
class ConnectFailureTest {
    @RegisterExtension
    final Resources resources = new Resources();

    ConnectFailureTest() {
        KernelErrors.learn();
    }

    @Test
    void types_areKnown() {
        assertThat(ConnectFailure.of(new SocketTimeoutException())).isEqualTo(ConnectFailure.TIMED_OUT);
        assertThat(ConnectFailure.of(new NoRouteToHostException())).isEqualTo(ConnectFailure.UNREACHABLE);
        assertThat(ConnectFailure.of(new UnknownHostException())).isEqualTo(ConnectFailure.UNRESOLVED);
        assertThat(ConnectFailure.of(new UnresolvedAddressException())).isEqualTo(ConnectFailure.UNRESOLVED);
        assertThat(ConnectFailure.of(new BindException())).isEqualTo(ConnectFailure.LOCAL_SHORTAGE);
        assertThat(ConnectFailure.of(new OutOfMemoryError())).isEqualTo(ConnectFailure.LOCAL_SHORTAGE);
    }

    @Test
    void wordsOfOthers_sayNothing() {
        assertThat(ConnectFailure.of(new IOException("unreachable; timed out; Too many open files")))
                .isEqualTo(ConnectFailure.OTHER);
        assertThat(ConnectFailure.of(new SocketException("the mirror is unreachable")))
                .isEqualTo(ConnectFailure.OTHER);
    }

    /** As it would be in another language: the kernel's other reason for this type. */
    @Test
    void connectException_thatIsNoRefusal_isATimeout() {
        assertThat(ConnectFailure.of(new ConnectException("Die Wartezeit für die Verbindung ist abgelaufen")))
                .isEqualTo(ConnectFailure.TIMED_OUT);
    }

    @Test
    void connect_toADeadPort_isRefused() {
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        Throwable failure = catchThrowable(() -> connect(new InetSocketAddress("127.0.0.1", refusing.port())));
        assertThat(failure).isInstanceOf(ConnectException.class);
        assertThat(ConnectFailure.of(failure)).isEqualTo(ConnectFailure.REFUSED);
    }

    @Test
    void connect_whereNoWayLeads_isUnreachable() {
        Throwable failure = catchThrowable(() -> connect(new InetSocketAddress("255.255.255.255", 80)));
        assertThat(failure).isInstanceOf(SocketException.class);
        assertThat(ConnectFailure.of(failure)).isEqualTo(ConnectFailure.UNREACHABLE);
    }

    private static void connect(InetSocketAddress address) throws IOException {
        SocketChannel.open(address).close();
    }
}
