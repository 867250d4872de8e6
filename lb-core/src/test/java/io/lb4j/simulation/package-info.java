/**
 * The simulator: the real engine on a simulated network, in virtual time, on one thread. One number, the seed, decides
 * everything that happens; a run that fails is repeated from it.
 *
 * <p><b>Use.</b> {@code SimulatedProxyTest} and {@code SimulatedBalancerTest} run some thousand seeds in every {@code
 * mvn verify}. More of them, or one again:
 *
 * <pre>
 * mvn -pl lb-core -Dtest=SimulatedProxyTest -Dsim.seeds=100000 -Dsim.from=5000 test
 * mvn -pl lb-core -Dtest=SimulatedProxyTest -Dsim.seeds=1 -Dsim.from=4711 test               (the same run, exactly)
 * mvn -pl lb-core -Dtest=SimulatedProxyTest -Dsim.seeds=1 -Dsim.from=4711 -Dsim.trace test   (each call of the engine)
 * mvn -pl lb-core -Dtest=SimulatedErrorsTest -Dsim.seeds=5000 -Dsim.survey test              (all failures, by kind)
 * </pre>
 *
 * <p>A failure names its seed, says what must not be, and shows the smallest plan found that fails as well: {@code
 * Shrinker} leaves out half of the connections, then a quarter, and so on; and the same with the steps of their scripts.
 *
 * <p><b>How it works</b>, from below:
 *
 * <ul>
 *   <li>{@code Timeline}: virtual time, the events to come, and chance. Events of one moment come in an order that
 *       chance decides; with the random delays of everything else this is what finds the orders nobody thought of.
 *   <li>{@code TcpEnd}: one end of a TCP connection as the Linux kernel keeps it, with its queues, its end, its reset,
 *       and its errors. {@code KernelFactsTest} asks it and the real kernel the same questions.
 *   <li>{@code SimNet}, {@code SimSelector}, {@code SimSocketChannel}, {@code SimServerChannel}: java.nio on top of it,
 *       handed to the engine as its {@code SelectorProvider}. {@code Faults} says what goes wrong by itself.
 *   <li>{@code SimLoop}: calls {@code runOnce()} of an event loop when its select would return. The simulated select
 *       never waits; it says until when it would.
 *   <li>{@code SimPeer}: a client or a backend that plays a script of {@code Act}s.
 *   <li>{@code ToyTls}: a TLS whose engines ({@code ToyEngine}) behave call by call as the JDK's, the same way every time.
 *       {@code ToyEngineTest} asks both the same questions.
 *   <li>{@code TlsSimulation}: clients and backends ({@code Speaker}) that speak TLS by toys of their own over the simulated
 *       TCP, whose bytes are real there ({@code Wire}). {@code SimulatedTlsTest} runs it, {@code TlsFindingsTest} what it
 *       has found.
 *   <li>{@code Planner}: makes a {@code Plan} from a seed: settings, connections, what goes wrong. {@code Simulation}
 *       runs it.
 *   <li>{@code QueueSimulation}: a balancer with fewer places than clients, and what must not be in the line of those who
 *       wait. {@code SimulatedQueueTest} runs it.
 *   <li>{@code Exits}: counts the calls that leave the engine, each of them an {@code Exit}: to sockets, clock, chance,
 *       threads, guests and log. In {@code SimulatedErrorsTest} a run without a fault says how many there are, and in a
 *       second run of the same seed one of them fails with an OutOfMemoryError or a StackOverflowError, before or after
 *       it had its effect, and leaves behind what the JDK leaves behind then ({@code KeyQueue}). At the end new clients
 *       come to see whether all is as before ({@code Probe}).
 *   <li>{@code Oracles}, {@code FinalJudgement}: know the truth of every connection ({@code Talk}) and object to what
 *       the engine must not do, at once or when the connection is over.
 * </ul>
 *
 * <p><b>What it cannot show:</b> races between threads (everything runs on one), and whatever the model gets wrong.
 * Against the second, {@code SameOnRealSocketsTest} plays the same scripts on real sockets and compares how they end.
 */
package io.lb4j.simulation;
