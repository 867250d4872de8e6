/**
 * Programs that tests start in a process of their own. Each is a single class without nested ones: it must go on when no
 * descriptor is left to load another with.
 */
package io.lb4j.testing.child;
