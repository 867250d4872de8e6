package io.lb4j.proxy;

/**
 * The settings of a running proxy that can change, for {@link TcpProxy#reconfigure}. Holds the present ones. To be used
 * within the call it was handed to, by one thread.
 */
public final class ProxyReconfiguration extends ProxySettings<ProxyReconfiguration> {
    ProxyReconfiguration(TcpProxyConfig before) {
        super(before.timeouts(), before.limits());
    }

    @Override
    ProxyReconfiguration self() {
        return this;
    }
}
