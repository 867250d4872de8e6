package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.internal.util.SocketTable.Question;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SocketTableTest {
    @TempDir
    Path folder;

    @Test
    @EnabledOnOs(OS.LINUX)
    @SuppressWarnings("try") // closed before its time, to see it gone
    void look_tellsWhoIsThereAndWhoIsGone_toEveryoneWhoAsks() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket accepted = listener.accept()) {
            client.getOutputStream().write(1);
            assertThat(accepted.getInputStream().read()).isEqualTo(1);
            await().untilAsserted(() -> assertThat(look(client, client)).containsExactly(0L, 0L));
            client.setSoLinger(true, 0);
            client.close();
            await().untilAsserted(() -> assertThat(look(accepted)).containsExactly(SocketTable.GONE));
        }
    }

    @Test
    void look_whereThereIsNoTable_knowsNothing() {
        Question question = new Question(new InetSocketAddress(1), new InetSocketAddress(2));
        SocketTable.Linux.look(List.of(question), folder.resolve("none"));
        assertThat(question.unacknowledged()).isEqualTo(SocketTable.UNKNOWN);
    }

    @Test
    void look_readsHexadecimal_andAddressesOfBothKinds() throws IOException {
        InetSocketAddress v4 = new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 8080);
        InetSocketAddress v6 = new InetSocketAddress(InetAddress.getByName("fd00::1"), 443);
        Path table = Files.write(
                folder.resolve("tcp"),
                List.of(
                        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt",
                        line(v4, false, v4, "0000001F"),
                        line(v4, true, new InetSocketAddress(v4.getAddress(), 9), "00000002"),
                        line(v6, false, v6, "00010000")));
        List<Question> questions = List.of(
                new Question(v4, v4),
                new Question(v4, new InetSocketAddress(v4.getAddress(), 9)),
                new Question(v6, v6),
                new Question(v6, v4));
        SocketTable.Linux.look(questions, table);
        assertThat(questions).extracting(Question::unacknowledged).containsExactly(31L, 2L, 65536L, SocketTable.GONE);
    }

    private static String line(InetSocketAddress local, boolean mapped, InetSocketAddress remote, String queued) {
        return "   0: " + SocketTable.Linux.key(local, mapped) + " " + SocketTable.Linux.key(remote, mapped) + " 01 "
                + queued + ":00000000 01:00000019 00000000     0        0 1 2";
    }

    private static List<Long> look(Socket... sockets) {
        List<Question> questions = Arrays.stream(sockets)
                .map(socket -> new Question((InetSocketAddress) socket.getLocalSocketAddress(), (InetSocketAddress)
                        socket.getRemoteSocketAddress()))
                .toList();
        SocketTable.ofThisMachine().look(questions);
        return questions.stream().map(Question::unacknowledged).toList();
    }
}
