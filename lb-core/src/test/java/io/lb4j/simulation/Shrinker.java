package io.lb4j.simulation;

import io.lb4j.simulation.Plan.Chances;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/** Makes a plan that fails smaller, as long as it goes on failing: half of it is left out, then a quarter, and so on. */
final class Shrinker {
    private final Predicate<Plan> fails;

    private Shrinker(Predicate<Plan> fails) {
        this.fails = fails;
    }

    /** The smallest plan found that fails; {@code plan} itself must. */
    static Plan shrink(Plan plan, Predicate<Plan> fails) {
        return new Shrinker(fails).shrink(plan);
    }

    private Plan shrink(Plan plan) {
        Plan smaller = halve(plan, plan.talks(), Plan::withTalks);
        smaller = halve(smaller, smaller.incidents(), Plan::withIncidents);
        smaller = shrinkScripts(smaller);
        Plan calm = smaller.withChances(Chances.NONE);
        return fails.test(calm) ? calm : smaller;
    }

    private Plan shrinkScripts(Plan plan) {
        Plan smallest = plan;
        for (int i = 0; i < plan.talks().size(); i++) {
            int talk = i;
            smallest = shrinkPeer(
                    smallest,
                    now -> now.talks().get(talk).client(),
                    (now, peer) -> now.withTalk(talk, now.talks().get(talk).withClient(peer)));
            for (int j = 0; j < plan.talks().get(i).backends().size(); j++) {
                int backend = j;
                smallest = shrinkPeer(
                        smallest,
                        now -> now.talks().get(talk).backends().get(backend).peer(),
                        (now, peer) -> now.withTalk(talk, now.talks().get(talk).withBackend(backend, peer)));
            }
        }
        return smallest;
    }

    private Plan shrinkPeer(Plan plan, Function<Plan, PeerPlan> peer, BiFunction<Plan, PeerPlan, Plan> with) {
        Plan smaller = halve(
                plan,
                peer.apply(plan).writer(),
                (now, acts) -> with.apply(now, peer.apply(now).withWriter(acts)));
        return halve(
                smaller,
                peer.apply(smaller).reader(),
                (now, acts) -> with.apply(now, peer.apply(now).withReader(acts)));
    }

    private <T> Plan halve(Plan plan, List<T> parts, BiFunction<Plan, List<T>, Plan> with) {
        return halve(plan, parts, with, fails);
    }

    /** The same for some parts of a plan, of whatever kind. */
    static <P, T> P halve(P plan, List<T> parts, BiFunction<P, List<T>, P> with, Predicate<P> fails) {
        P smallest = plan;
        List<T> left = parts;
        for (int size = (left.size() + 1) / 2; size > 0 && !left.isEmpty(); size = size == 1 ? 0 : (size + 1) / 2) {
            for (int from = 0; from < left.size(); ) {
                List<T> fewer = without(left, from, size);
                P candidate = with.apply(smallest, fewer);
                if (fails.test(candidate)) {
                    smallest = candidate;
                    left = fewer;
                } else {
                    from += size;
                }
            }
        }
        return smallest;
    }

    private static <T> List<T> without(List<T> parts, int from, int size) {
        List<T> fewer = new ArrayList<>(parts.subList(0, from));
        fewer.addAll(parts.subList(Math.min(parts.size(), from + size), parts.size()));
        return fewer;
    }
}
