package io.lb4j.simulation;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** What the user of a toy engine sets before it begins. */
abstract class ToySetup extends SSLEngine {
    private static final String[] PROTOCOLS =
            Arrays.stream(ToyProtocol.values()).map(protocol -> protocol.name).toArray(String[]::new);
    private static final String[] SUITES = Arrays.stream(ToyProtocol.values())
            .map(protocol -> protocol.suiteName)
            .toArray(String[]::new);

    private SSLParameters parameters = new SSLParameters(SUITES, PROTOCOLS);
    private @Nullable Boolean clientMode;
    private boolean createsSessions = true;
    private @Nullable BiFunction<SSLEngine, List<String>, String> selector;

    ToySetup(@Nullable String host, int port) {
        super(host, port);
    }

    final boolean hasMode() {
        return clientMode != null;
    }

    /** The newest first. */
    final List<ToyProtocol> protocols() {
        List<String> enabled = List.of(parameters.getProtocols());
        return Arrays.stream(ToyProtocol.values())
                .filter(protocol -> enabled.contains(protocol.name))
                .toList();
    }

    /** What is told to a server. */
    final @Nullable String serverName() {
        return parameters.getServerNames() == null
                ? null
                : parameters.getServerNames().stream()
                        .filter(SNIHostName.class::isInstance)
                        .map(name -> ((SNIHostName) name).getAsciiName())
                        .findFirst()
                        .orElse(null);
    }

    final List<String> applicationProtocols() {
        return List.of(parameters.getApplicationProtocols());
    }

    /** Of those that a client offers; empty for none of them, null when that must not be. */
    final @Nullable String choose(List<String> offered) {
        if (offered.isEmpty()) {
            return "";
        }
        if (selector != null) {
            return selector.apply(this, offered);
        }
        List<String> ours = applicationProtocols();
        return ours.isEmpty()
                ? ""
                : ours.stream().filter(offered::contains).findFirst().orElse(null);
    }

    /** Whether a client wants this host, by its name or the one that he tells, or does not care. */
    final boolean isWanted(String certificateName) {
        String algorithm = parameters.getEndpointIdentificationAlgorithm();
        return algorithm == null
                || algorithm.isEmpty()
                || certificateName.equals("*")
                || certificateName.equalsIgnoreCase(serverName())
                || certificateName.equalsIgnoreCase(getPeerHost());
    }

    private static SSLParameters copy(SSLParameters from) {
        SSLParameters copy = new SSLParameters(from.getCipherSuites(), from.getProtocols());
        copy.setEndpointIdentificationAlgorithm(from.getEndpointIdentificationAlgorithm());
        copy.setAlgorithmConstraints(from.getAlgorithmConstraints());
        copy.setApplicationProtocols(from.getApplicationProtocols());
        copy.setUseCipherSuitesOrder(from.getUseCipherSuitesOrder());
        if (from.getServerNames() != null) {
            copy.setServerNames(from.getServerNames());
        }
        if (from.getSNIMatchers() != null) {
            copy.setSNIMatchers(from.getSNIMatchers());
        }
        if (from.getNeedClientAuth()) {
            copy.setNeedClientAuth(true);
        } else {
            copy.setWantClientAuth(from.getWantClientAuth());
        }
        return copy;
    }

    @Override
    public final SSLParameters getSSLParameters() {
        return copy(parameters);
    }

    /** As in the JDK, null leaves protocols and suites as they are. */
    @Override
    public final void setSSLParameters(SSLParameters changed) {
        SSLParameters next = copy(changed);
        if (next.getProtocols() == null) {
            next.setProtocols(parameters.getProtocols());
        }
        if (next.getCipherSuites() == null) {
            next.setCipherSuites(parameters.getCipherSuites());
        }
        parameters = next;
    }

    @Override
    public final String[] getSupportedCipherSuites() {
        return SUITES.clone();
    }

    @Override
    public final String[] getEnabledCipherSuites() {
        return parameters.getCipherSuites();
    }

    @Override
    public final void setEnabledCipherSuites(String[] suites) {
        parameters.setCipherSuites(suites);
    }

    @Override
    public final String[] getSupportedProtocols() {
        return PROTOCOLS.clone();
    }

    @Override
    public final String[] getEnabledProtocols() {
        return parameters.getProtocols();
    }

    @Override
    public final void setEnabledProtocols(String[] protocols) {
        parameters.setProtocols(protocols);
    }

    @Override
    public final void setUseClientMode(boolean isClient) {
        clientMode = isClient;
    }

    @Override
    public final boolean getUseClientMode() {
        return Boolean.TRUE.equals(clientMode);
    }

    @Override
    public final void setNeedClientAuth(boolean need) {
        parameters.setNeedClientAuth(need);
    }

    @Override
    public final boolean getNeedClientAuth() {
        return parameters.getNeedClientAuth();
    }

    @Override
    public final void setWantClientAuth(boolean want) {
        parameters.setWantClientAuth(want);
    }

    @Override
    public final boolean getWantClientAuth() {
        return parameters.getWantClientAuth();
    }

    @Override
    public final void setEnableSessionCreation(boolean flag) {
        createsSessions = flag;
    }

    @Override
    public final boolean getEnableSessionCreation() {
        return createsSessions;
    }

    @Override
    public final void setHandshakeApplicationProtocolSelector(
            @Nullable BiFunction<SSLEngine, List<String>, String> chosen) {
        selector = chosen;
    }

    @Override
    public final @Nullable BiFunction<SSLEngine, List<String>, String> getHandshakeApplicationProtocolSelector() {
        return selector;
    }
}
