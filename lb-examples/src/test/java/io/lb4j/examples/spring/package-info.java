/** The balancer in a Spring Boot application. Among the tests, so that the examples do not bring Spring along. */
package io.lb4j.examples.spring;
