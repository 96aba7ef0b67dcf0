package org.alcove;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Does something soon after it was asked for, on the executor, however often it is asked for at most once in an interval. */
final class Coalesced {
    private final Host host;
    private final long interval;
    private final Runnable action;
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile long last; // nanoseconds

    Coalesced(Host host, long milliseconds, Runnable action) {
        this.host = host;
        this.interval = TimeUnit.MILLISECONDS.toNanos(milliseconds);
        this.action = action;
        this.last = System.nanoTime() - interval;
    }

    /** Quick, on any thread. Whatever was changed before is there when the action runs. */
    void ask() {
        if (asked.get() || !asked.compareAndSet(false, true)) {
            return;
        }
        long wait = TimeUnit.NANOSECONDS.toMillis(last + interval - System.nanoTime());
        try {
            if (wait > 0) {
                host.later(wait, this::act);
            } else {
                host.executor().execute(this::act);
            }
        } catch (RejectedExecutionException e) {
            // The manager is closed, and nobody looks any more.
        }
    }

    private synchronized void act() {
        last = System.nanoTime();
        asked.set(false);
        action.run();
    }
}
