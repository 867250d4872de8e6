package io.lb4j.simulation;

/** What goes wrong by itself, and how often: once in so many times, 0 for never. Set by the plan, changed while it runs. */
final class Faults {
    /** Reads and writes that move less than they could. */
    int shortTransfers;

    /** Writes that take nothing although there is room. */
    int zeroWrites;

    /** Pipes that are not to be had. */
    int noPipes;

    /** Keys that are reported ready and are not. */
    int spuriousKeys;

    /** Ready keys that are reported one select later. */
    int lateKeys;

    /** Selects that return for nothing. */
    int spuriousWakeups;

    /** Accepts that fail although a connection waits. */
    int failingAccepts;

    /** How many descriptors the engine may have. */
    int descriptors = Integer.MAX_VALUE;

    /** How many connections may wait to be accepted, whatever the engine asks for. */
    int backlog = 4096;

    /** Whether several sockets can listen on one port. */
    boolean sharesPorts = true;

    /** How often it wanted more descriptors than it may have, or an accept failed. */
    long shortages;
}
