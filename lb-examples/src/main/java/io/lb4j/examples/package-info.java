/**
 * Small programs that show one thing each; every one has a {@code main}, tells its story on stdout and ends by itself.
 *
 * <ol>
 *   <li>{@link io.lb4j.examples.HelloLoadBalancer}: two backends behind one port
 *   <li>{@link io.lb4j.examples.CustomSelector}: your own choice of backend, as a lambda
 *   <li>{@link io.lb4j.examples.CustomHealthChecker}: your own idea of healthy, as a lambda
 *   <li>{@link io.lb4j.examples.GracefulShutdown}: an end that lets connections finish
 *   <li>{@link io.lb4j.examples.TcpProxyAlone}: the proxy inside the balancer, with one backend and a listener
 * </ol>
 *
 * <p>{@link io.lb4j.examples.demo.Demo} is the program in {@code lb-examples.jar}.
 */
package io.lb4j.examples;
