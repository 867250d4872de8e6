package io.lb4j.simulation;

import java.nio.ByteBuffer;

/** What hides both directions of one toy TLS, as one end sees them. */
record ToyKeys(ToyCipher ours, ToyCipher theirs) {
    static ToyKeys of(ToyProtocol protocol, boolean isClient, byte[] clientRandom, byte[] serverRandom) {
        long secret = ByteBuffer.wrap(clientRandom).getLong()
                ^ ByteBuffer.wrap(serverRandom).getLong();
        ToyCipher client = new ToyCipher(protocol, secret);
        ToyCipher server = new ToyCipher(protocol, ~secret);
        return isClient ? new ToyKeys(client, server) : new ToyKeys(server, client);
    }

    /** What is said from here on. */
    void hideOurs(ToyOutput output) {
        output.add(ToyRecord.CHANGE_CIPHER_SPEC, new byte[] {1});
        output.use(ours);
    }

    /** What comes from here on. */
    void hideTheirs(ToyInput input) {
        input.use(theirs);
    }

    /** Whether this is what is said before. */
    static boolean isChange(byte[] content) {
        return content.length == 1 && content[0] == 1;
    }
}
