package io.lb4j.internal.pool;

import io.lb4j.health.OnRecovery;
import org.jspecify.annotations.Nullable;

/** Who was UP and preferred to all others last, and what follows when somebody else is. Guarded by the pool's lock. */
final class Leader {
    private final Consequences consequences;
    private @Nullable PooledBackend last;

    Leader(Consequences consequences) {
        this.consequences = consequences;
    }

    /** These candidates were published in the place of others. */
    void follow(PoolSnapshot before, PoolSnapshot next, OnRecovery onRecovery) {
        PooledBackend is = next.leader();
        if (is == null) {
            return;
        }
        PooledBackend was = last;
        last = is;
        switch (onRecovery) {
            case KEEP -> {}
            case CLOSE_LOWER_TIERS -> {
                // Not who comes first because another list says so.
                boolean isBack = before.leader() == null || before.hasFailed(is);
                if (is != was && isBack && (was == null || next.isPreferred(is, was))) {
                    consequences.failedBack(next.lowerThan(is));
                }
            }
            case STAY -> tellLost(before.candidates(), next.candidates());
        }
    }

    private void tellLost(CandidateList before, CandidateList next) {
        for (int i = 0; i < before.size(); i++) {
            if (!next.contains(before.get(i))) {
                consequences.lost(before.get(i));
            }
        }
    }
}
