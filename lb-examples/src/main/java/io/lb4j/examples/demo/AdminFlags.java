package io.lb4j.examples.demo;

import io.lb4j.admin.AdminServer;
import io.lb4j.admin.AdminServerBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The flags of the status page: where it is served, and what it must be told before it changes anything. */
final class AdminFlags {
    @Option(
            names = "--admin",
            paramLabel = "[HOST:]PORT",
            description = "Where to serve the status page; port 0 is any free one. Default: " + Demo.DEFAULT_ADMIN
                    + ", or the next port that is free")
    private HostAndPort admin;

    @Option(
            names = "--admin-token",
            paramLabel = "TOKEN",
            defaultValue = "${env:" + Demo.TOKEN_VARIABLE + "}",
            description = "What the status page must know to drain, enable, disable and weigh backends, 8 characters or"
                    + " more. Others see it in the list of processes: better in the environment variable "
                    + Demo.TOKEN_VARIABLE + ", or in a file. Default: none, and it can only look")
    private String adminToken;

    @Option(names = "--admin-token-file", paramLabel = "FILE", description = "A file that holds the token alone.")
    private Path adminTokenFile;

    @Option(names = "--no-admin", description = "Serve no status page.")
    private boolean noAdmin;

    void refuseWhatMakesNoSense(Flags flags) {
        if (noAdmin) {
            flags.refuseWith("--no-admin", "--admin", "--admin-token", "--admin-token-file");
        }
    }

    /** Null when there is none. */
    String token(Flags flags) {
        if (adminTokenFile == null) {
            return adminToken;
        }
        flags.refuseWith("--admin-token-file", "--admin-token");
        try {
            return Files.readString(adminTokenFile).strip();
        } catch (IOException unreadable) {
            throw flags.invalid("--admin-token-file", "cannot read " + adminTokenFile, unreadable);
        }
    }

    void start(RunningDemo running, String token, Flags flags) {
        if (noAdmin) {
            return;
        }
        try {
            AdminServerBuilder page = AdminServer.builder(running.balancer());
            flags.set(adminTokenFile == null ? "--admin-token" : "--admin-token-file", token, page::token);
            HostAndPort place = admin == null ? HostAndPort.parse(Demo.DEFAULT_ADMIN) : admin;
            flags.set("--admin", place, at -> running.admin(page, at, admin != null));
        } catch (RuntimeException cannotStart) {
            running.close();
            throw cannotStart;
        }
    }
}
