/** What the tests of the examples share: child JVMs, real servers, and a look at what is left after each test. */
package io.lb4j.examples.testing;
