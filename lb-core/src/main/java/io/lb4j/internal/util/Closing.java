package io.lb4j.internal.util;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Closing what is not needed any more. */
public final class Closing {
    private Closing() {}

    /**
     * Closes it, if there is one; never throws. A descriptor is released whatever close reports, there is nobody to
     * tell, and what is to be closed next must not be left open.
     */
    public static void quietly(@Nullable Closeable resource) {
        if (resource == null) {
            return;
        }
        try {
            resource.close();
        } catch (IOException | RuntimeException | Error ignored) {
            // See above.
        }
    }
}
