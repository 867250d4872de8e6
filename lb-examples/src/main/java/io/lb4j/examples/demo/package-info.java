/**
 * The program in {@code lb-examples.jar}: {@link io.lb4j.examples.demo.Demo} is the command with its flags, {@link
 * io.lb4j.examples.demo.RunningDemo} what it starts.
 */
package io.lb4j.examples.demo;
