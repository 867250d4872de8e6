/** The balancer as a fixture of tests: of how a client bears a fail-over. */
package io.lb4j.examples.junit;
