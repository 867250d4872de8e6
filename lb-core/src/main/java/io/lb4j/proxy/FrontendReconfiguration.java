package io.lb4j.proxy;

/**
 * The settings of a running frontend that can change, for {@link Frontend#reconfigure}. Holds the present ones. To be used
 * within the call it was handed to, by one thread.
 */
public final class FrontendReconfiguration extends EntrySettings<FrontendReconfiguration> {
    FrontendReconfiguration(EntryPolicy before) {
        super(before);
    }

    @Override
    protected FrontendReconfiguration self() {
        return this;
    }
}
