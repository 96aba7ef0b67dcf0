package org.alcove;

import java.util.concurrent.atomic.AtomicLong;

/** Something that needs a worker for a while, mostly one call of an op. It waits in a {@link CallQueue} for its {@link Turn}. */
abstract class Errand {
    /** More than is ever written without a thread that may wait for the worker to read. */
    static final long UNBOUNDED = 1 << 20;

    private static final AtomicLong COUNT = new AtomicLong();

    /** Errands of one caller get their turns in this order, also when one has to come again. */
    final long number = COUNT.incrementAndGet();

    final Call call;
    final OpSource source;
    final Object caller;
    final int most;
    private long waitingSince; // guarded by the pool as is the next, in nanoseconds
    private WorkerGroup waitsIn;

    /**
     * An errand.
     *
     * @param source what it needs loaded
     * @param caller callers take turns
     * @param most how many workers it wants errands like it to have at a time, 0 for as many as the manager allows
     */
    Errand(Call call, OpSource source, Object caller, int most) {
        this.call = call;
        this.source = source;
        this.caller = caller;
        this.most = most;
    }

    /** By what its run time is remembered; null when that is not known, and nothing may be sent to the worker behind it. */
    String timedAs() {
        return null;
    }

    /** How much it writes to the worker at most, in bytes. */
    long bytes() {
        return UNBOUNDED;
    }

    /** How much memory it needs in bytes, beyond what a worker has anyway; 0 when nobody said. */
    long memory() {
        return 0;
    }

    /** Whether it wants the worker for itself, and at once: another one is started for it, be it beyond the limit. */
    boolean isUrgent() {
        return false;
    }

    /** Goes to its worker, and ends the turn sooner or later. On a thread that it may block. */
    abstract void begin(Turn turn);

    /** No worker could be started for it, or none shall be. Be quick. */
    abstract void refuse(AlcoveException failure);

    /** Looks for another environment, because a newer one is there; false when it cannot. Be quick. */
    boolean goesElsewhere() {
        return false;
    }

    long waitingSince() {
        return waitingSince;
    }

    void waitsSince(long nanoseconds) {
        waitingSince = nanoseconds;
    }

    /** Where it waits for its turn; null when it does not. */
    WorkerGroup waitsIn() {
        return waitsIn;
    }

    void waitsIn(WorkerGroup group) {
        waitsIn = group;
    }
}
