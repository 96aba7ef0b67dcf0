package org.alcove;

import java.util.HashMap;
import java.util.Map;

/** How long ops ran lately. Not safe for several threads. */
final class RunTimes {
    static final long UNKNOWN = -1;
    private static final int MOST = 10_000;
    private static final double WEIGHT_OF_LAST = 0.2;

    private final Map<String, Long> nanoseconds = new HashMap<>();

    /** What to expect of an op, in nanoseconds; {@link #UNKNOWN} for one that has not run, or has no name. */
    long expected(String op) {
        return op == null ? UNKNOWN : nanoseconds.getOrDefault(op, UNKNOWN);
    }

    /** It rises at once and falls slowly: what was short as a rule and is long now holds up what was sent behind it. */
    void ran(String op, long time) {
        if (nanoseconds.size() >= MOST) {
            nanoseconds.clear();
        }
        nanoseconds.merge(op, time, (before, last) ->
                last > before ? last : Math.round(before + WEIGHT_OF_LAST * (last - before)));
    }
}
