package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.internal.loop.Deadline;
import io.lb4j.internal.util.ConditionLog;
import io.lb4j.internal.util.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the access rules and the certificates of one frontend what is in their files, if they have some. Confined to the first
 * loop, which knows when to look; looking is a worker's, one at a time.
 */
final class FollowedFiles extends Deadline {
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final EventLoops loops;
    private final ProxyContext context;
    private final Entrance entrance;
    private final ConditionLog condition;
    private volatile boolean isLooking;

    // The worker's, while it looks.
    private @Nullable Path seenIn;
    private @Nullable String seen;
    private final CertificateFiles certificates;

    FollowedFiles(EventLoops loops, ProxyContext context, Entrance entrance) {
        this.loops = loops;
        this.context = context;
        this.entrance = entrance;
        condition = new ConditionLog(context.log, context.platform.nanoClock());
        certificates = new CertificateFiles(context, entrance);
    }

    /** Any thread: looks at the files that the frontend has, from now on, as long as it has some. */
    void follow() {
        EventLoop first = loops.all().get(0);
        first.post(() -> {
            if (!isScheduled()) {
                first.deadlines().scheduleBy(this, first.now() + INTERVAL);
            }
        });
    }

    @Override
    public void expired(long now) {
        if (entrance.isEnding() || !entrance.config().entry().hasFiles()) {
            return;
        }
        // First of all: whatever fails below, it is tried again.
        loops.all().get(0).deadlines().scheduleBy(this, now + INTERVAL);
        if (!isLooking) {
            isLooking = true;
            try {
                context.workers().execute(this::look);
            } catch (RuntimeException | Error noThread) {
                isLooking = false;
                context.shortage("cannot look at the files of a frontend:", noThread);
            }
        }
    }

    private void look() {
        try {
            Path file = entrance.config().entry().accessFile().orElse(null);
            if (file != null) {
                look(file);
            }
            entrance.config().entry().tls().ifPresent(certificates::look);
        } catch (Throwable failure) {
            context.failure("the files of a frontend", failure);
        } finally {
            isLooking = false;
        }
    }

    private void look(Path file) {
        String what = "access rules of frontend " + entrance.name();
        try {
            TextFile source = new TextFile(file);
            String text = source.text();
            if (!text.equals(seen) || !file.equals(seenIn)) {
                AccessRules rules = AccessRules.parse(source, text);
                if (entrance.adopt(file, rules)) {
                    context.log.info(what + " changed: " + rules);
                }
                seen = text;
                seenIn = file;
            }
            condition.fine(what + " are read again from " + file);
        } catch (IOException wrong) {
            condition.wrong(String.valueOf(wrong.getMessage()), what + " stay as they are: " + wrong.getMessage());
        }
    }
}
