package org.alcove;

import java.util.concurrent.TimeUnit;

/**
 * Whether to poll for what may come at once, before blocking: that saves two wake-ups, each of them longer than a small op.
 * After a time when nothing came it is left out, once, then twice as often each time; so what is slow costs next to nothing.
 *
 * <p>Several threads may ask. What they get wrong between them is whether one of them polls in vain.
 */
final class Polling {
    /** Who polls on the only processor keeps it from whom it waits for. */
    static final boolean IS_POSSIBLE = Runtime.getRuntime().availableProcessors() > 1;

    /** To poll in vain once in so many times costs no more than a percent, and on a busy machine it pays again at any time. */
    private static final int MOST_LEFT_OUT = 64;

    private final long window;
    private int leavesOut;
    private int left;

    /** {@code microseconds} is how long one polls at most. */
    Polling(long microseconds) {
        this.window = TimeUnit.MICROSECONDS.toNanos(microseconds);
    }

    /** Whether to poll this time; whoever does says whether something came, with {@link #ended}. */
    boolean isWorthwhile() {
        if (left > 0) {
            left--;
            return false;
        }
        return IS_POSSIBLE;
    }

    /** Until when, by {@link System#nanoTime}. */
    long end() {
        return System.nanoTime() + window;
    }

    void ended(boolean came) {
        leavesOut = came ? 0 : Math.min(MOST_LEFT_OUT, Math.max(1, 2 * leavesOut));
        left = leavesOut;
    }
}
