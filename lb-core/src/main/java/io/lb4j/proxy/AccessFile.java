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
 * Keeps the access rules of one frontend what is in their file, if they have one. Confined to the first loop, which knows
 * when to look; looking is a worker's, one at a time.
 */
final class AccessFile extends Deadline {
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final EventLoops loops;
    private final ProxyContext context;
    private final Entrance entrance;
    private final ConditionLog condition;
    private volatile boolean isLooking;

    // The worker's, while it looks.
    private @Nullable Path seenIn;
    private @Nullable String seen;

    AccessFile(EventLoops loops, ProxyContext context, Entrance entrance) {
        this.loops = loops;
        this.context = context;
        this.entrance = entrance;
        condition = new ConditionLog(context.log, context.platform.nanoClock());
    }

    /** Any thread: looks at the file that the frontend has, from now on, as long as it has one. */
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
        if (entrance.isEnding() || entrance.config().entry().accessFile().isEmpty()) {
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
                context.shortage("cannot look at a file of access rules:", noThread);
            }
        }
    }

    private void look() {
        try {
            Path file = entrance.config().entry().accessFile().orElse(null);
            if (file != null) {
                look(file);
            }
        } catch (Throwable failure) {
            context.failure("a file of access rules", failure);
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
