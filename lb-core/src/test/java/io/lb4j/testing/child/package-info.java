/**
 * Programs that tests start in a process of their own. Each uses what it consists of before it runs out of anything: when
 * no descriptor is left, no further class can be loaded.
 */
package io.lb4j.testing.child;
