/**
 * The program in {@code lb-examples.jar}: {@link io.lb4j.examples.demo.Demo} is the command with its flags, which can also
 * stand in a file ({@code ConfigFile}); {@link io.lb4j.examples.demo.RunningDemo} is what it starts.
 */
package io.lb4j.examples.demo;
