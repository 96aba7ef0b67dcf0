package org.alcove;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How often workers of one launch died of late. After too many deaths without a success between no further one is
 * started: each would only die again. Deaths while an op ran count for its source, in the version that it had; those at
 * the start count for all.
 */
final class Deaths {
    private static final int MOST = 5;
    private static final long SECONDS = 180;
    private static final Object START = new Object();

    private final LongSupplier nanoClock;
    private final Map<Object, Count> counts = new HashMap<>(); // guarded by this

    /** When workers died, the oldest first; and why no more are started, once that is so. */
    private static final class Count {
        private final Deque<Long> times = new ArrayDeque<>();
        private AlcoveException refusal;
    }

    Deaths(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * A worker ended by a {@linkplain Ending#isFault() fault}.
     *
     * @param source what it ran: equal for the same version of the same source; null when it ran nothing
     */
    synchronized void died(Object source, AlcoveException failure) {
        long now = nanoClock.getAsLong();
        Count count = counts.computeIfAbsent(key(source), key -> new Count());
        count.times.addLast(now);
        count.times.removeIf(time -> now - time > TimeUnit.SECONDS.toNanos(SECONDS));
        if (count.refusal == null && count.times.size() > MOST) {
            count.refusal = refusal(count.times.size(), failure);
        }
    }

    /** A worker has answered a call of an op of this source. */
    synchronized void succeeded(Object source) {
        if (!counts.isEmpty()) {
            counts.remove(key(source));
            counts.remove(START);
        }
    }

    /** Why no worker shall be started for this source, or for any. */
    synchronized Optional<AlcoveException> refusal(Object source) {
        Count count = counts.get(START);
        if (count == null || count.refusal == null) {
            count = counts.get(key(source));
        }
        return Optional.ofNullable(count == null ? null : count.refusal);
    }

    /** Whether calls are refused. */
    synchronized boolean isFailed() {
        return counts.values().stream().anyMatch(count -> count.refusal != null);
    }

    /** Forgets all: the next call starts a worker. */
    synchronized void reset() {
        counts.clear();
    }

    private static Object key(Object source) {
        return source == null ? START : source;
    }

    private static AlcoveException refusal(int times, AlcoveException last) {
        Map<String, Object> data = new HashMap<>(last.data());
        data.put("deaths", times);
        data.put("failed", true);
        return new AlcoveException(
                last.kind(),
                "workers died " + times + " times within " + SECONDS / 60 + " minutes, so no further one is started; the last: "
                        + last.getMessage(),
                "mend the op file or its environment and call again, or reset it: the next call then starts a worker",
                data);
    }
}
