package io.lb4j.internal.util;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Closing what is not needed any more. */
public final class Closing {
    private Closing() {}

    /** Closes it, if there is one. A descriptor is released whatever close reports, and there is nobody to tell. */
    public static void quietly(@Nullable Closeable resource) {
        if (resource == null) {
            return;
        }
        try {
            resource.close();
        } catch (IOException ignored) {
            // See above.
        }
    }
}
