package io.lb4j.proxy;

/**
 * When a backend is chosen for a client, and connected: at once, or when he has said what it takes to choose. What he has said
 * goes to the backend unchanged. There may be more of them in later versions.
 */
public enum ConnectWhen {
    /** At once. The default, and the only one for protocols in which the server speaks first. */
    ACCEPTED,
    /**
     * When he has said something: who only looks whether the port is open, or stays silent, costs no backend a connection. One
     * who says nothing within {@linkplain TimeoutPolicy.Builder#preface his time} is reset.
     */
    FIRST_BYTE,
    /**
     * When he has said which host and which protocol he wants, if he speaks TLS; when he has said something, if he does not.
     * One who says nothing, or not all of it, within {@linkplain TimeoutPolicy.Builder#preface his time} is reset, and so is
     * one who begins as TLS does and goes on otherwise.
     */
    CLIENT_HELLO,
    /**
     * As {@link #CLIENT_HELLO}, but one who says nothing within his time, or ends his stream without a word, is taken for one who does not speak TLS, and whose
     * server speaks first: TLS and, say, SSH behind one port.
     */
    CLIENT_HELLO_OR_SILENCE;

    boolean wantsHello() {
        return this == CLIENT_HELLO || this == CLIENT_HELLO_OR_SILENCE;
    }
}
