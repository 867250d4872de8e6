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
}
