package io.lb4j.proxy;

import io.lb4j.internal.util.ConditionLog;
import io.lb4j.tls.FrontendTls;
import io.lb4j.tls.PemFiles;
import io.lb4j.tls.TlsIdentity;
import java.security.cert.CertificateException;
import java.util.HashMap;
import java.util.Map;

/** Keeps the certificates of one frontend what is in their files. Confined to the worker that looks. */
final class CertificateFiles {
    private static final class Seen {
        private final ConditionLog condition;
        private String text = "";

        Seen(ConditionLog condition) {
            this.condition = condition;
        }
    }

    /** Of the JDK: answers a close_notify at once, as TLS 1.2 has it. */
    private static final String NO_HALF_CLOSE = "jdk.tls.acknowledgeCloseNotify";

    private final ProxyContext context;
    private final Entrance entrance;
    private final Map<PemFiles, Seen> seen = new HashMap<>();

    CertificateFiles(ProxyContext context, Entrance entrance) {
        this.context = context;
        this.entrance = entrance;
    }

    /** Says what may surprise of the TLS that is spoken from now on. */
    static void warn(ProxyContext context, Entrance entrance) {
        entrance.config().entry().tls().ifPresent(tls -> {
            tls.identities().forEach(each -> warnUnlessValid(context, entrance, each));
            if (Boolean.getBoolean(NO_HALF_CLOSE)) {
                context.log.warn("frontend " + entrance.name() + ": " + NO_HALF_CLOSE
                        + " is set, so no direction of a TLS 1.3 stream goes on after the other has ended");
            }
        });
    }

    private static void warnUnlessValid(ProxyContext context, Entrance entrance, TlsIdentity identity) {
        try {
            identity.certificate().checkValidity();
        } catch (CertificateException notNow) {
            context.log.warn("certificate of frontend " + entrance.name() + " is not valid now: " + identity);
        }
    }

    void look(FrontendTls tls) {
        seen.keySet().retainAll(tls.files());
        tls.files().forEach(this::look);
    }

    private void look(PemFiles files) {
        String what = "certificate of frontend " + entrance.name();
        Seen last = seen.computeIfAbsent(
                files, unseen -> new Seen(new ConditionLog(context.log, context.platform.nanoClock())));
        try {
            String text = files.text();
            if (!text.equals(last.text)) {
                TlsIdentity fresh = files.read();
                if (entrance.adopt(files, fresh)) {
                    context.log.info(what + " changed: " + fresh);
                    warnUnlessValid(context, entrance, fresh);
                }
                last.text = text;
            }
            last.condition.fine(what + " is read again from " + files);
        } catch (IllegalArgumentException wrong) {
            last.condition.wrong(String.valueOf(wrong.getMessage()), what + " stays as it is: " + wrong.getMessage());
        }
    }
}
