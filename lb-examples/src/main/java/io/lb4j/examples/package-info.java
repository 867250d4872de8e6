/**
 * Small programs that show one thing each; every one has a {@code main}, tells its story on stdout and ends by itself.
 *
 * <ol>
 *   <li>{@link io.lb4j.examples.HelloLoadBalancer}: two backends behind one port
 *   <li>{@link io.lb4j.examples.CustomSelector}: your own choice of backend, as a lambda
 *   <li>{@link io.lb4j.examples.CustomHealthChecker}: your own idea of healthy, as a lambda
 *   <li>{@link io.lb4j.examples.DatabaseHealthCheck}: a query over JDBC as a health check
 *   <li>{@link io.lb4j.examples.JdbcThroughHikari}: a connection pool over several databases
 *   <li>{@link io.lb4j.examples.PostgresFailOver}, {@link io.lb4j.examples.MariaDbFailOver}: a pool that writes to the
 *       primary, whichever of two that is
 *   <li>{@link io.lb4j.examples.PostgresWritesAndReads}: two ports and two pools over the same servers, one to write and
 *       one to read
 *   <li>{@link io.lb4j.examples.OwnZoneFirst}: backends near by, and those far away when there are none
 *   <li>{@link io.lb4j.examples.BlueGreen}: a new version takes over while requests go on
 *   <li>{@link io.lb4j.examples.PrometheusMetrics}: the meters of a balancer, for Prometheus to scrape
 *   <li>{@link io.lb4j.examples.RedisFailOver}: whichever redis is the master, behind one address
 *   <li>{@link io.lb4j.examples.MqttBrokers}: clients that stay connected, and how a broker that is back gets its share
 *   <li>{@link io.lb4j.examples.RabbitMqCluster}: AMQP and the management pages, each port with its own timeouts and check
 *   <li>{@link io.lb4j.examples.WhoMayComeIn}: access rules in a file, limits of each client, and a rate of all
 *   <li>{@link io.lb4j.examples.TellTheBackend}: behind another proxy, pools by the host that TLS asks for, and backends
 *       that are told who their clients are
 *   <li>{@link io.lb4j.examples.TlsAtTheEdge}: TLS ends in this process, and its certificate is replaced meanwhile
 *   <li>{@link io.lb4j.examples.GracefulShutdown}: an end that lets connections finish
 *   <li>{@link io.lb4j.examples.KubernetesHeadlessService}: pods as backends, and a pod of one's own that ends politely
 *   <li>{@link io.lb4j.examples.KubernetesApi}: a control plane, whose servers are asked over TLS whether they are ready
 *   <li>{@link io.lb4j.examples.KeepalivedPair}: two balancers, one address, and which of them it belongs to
 *   <li>{@link io.lb4j.examples.AccessLogFile}: a line for each connection, in a file of its own that logback writes
 *   <li>{@link io.lb4j.examples.TcpProxyAlone}: the proxy inside the balancer, with one backend and a listener
 * </ol>
 *
 * <p>{@link io.lb4j.examples.demo.Demo} is the program in {@code lb-examples.jar}.
 */
package io.lb4j.examples;
