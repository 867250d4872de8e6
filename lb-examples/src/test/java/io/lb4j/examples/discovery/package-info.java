/** Backends from the registries that people run. Among the tests, so that the examples do not bring their clients along. */
package io.lb4j.examples.discovery;
