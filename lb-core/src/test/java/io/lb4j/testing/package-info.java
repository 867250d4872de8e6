/**
 * The vocabulary of the tests: {@link io.lb4j.testing.Peer} is a scripted socket at either end, {@link
 * io.lb4j.testing.TestBackend} listens as the test says, {@link io.lb4j.testing.LeakCheck} runs after every test.
 *
 * <p>Rules: port 0 and ask the object; no sleeps, wait until a counter or a peer says so; whatever is opened is closed
 * by the test; seeds are part of the failure message.
 */
package io.lb4j.testing;
