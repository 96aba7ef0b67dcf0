package org.alcove;

/** An errand's turn with a worker. Whoever has it ends it, however it goes. */
final class Turn {
    private final WorkerGroup group;
    private final Seat seat;
    private final Errand errand;
    private final long expected;
    private volatile long began;
    private boolean ended; // guarded by the pool

    Turn(WorkerGroup group, Seat seat, Errand errand, long expected) {
        this.group = group;
        this.seat = seat;
        this.errand = errand;
        this.expected = expected;
    }

    Worker worker() {
        return seat.worker();
    }

    /** Whether the worker has loaded what the errand needs. */
    boolean needsNoLoading() {
        return seat.hasLoaded(errand.source);
    }

    /** The worker has loaded what the errand needs; from now on others may come behind it. */
    void loaded() {
        group.loaded(this);
    }

    /** The worker works on it, and on nothing before it. */
    void began() {
        began = System.nanoTime();
    }

    /** The worker has answered. */
    void answered() {
        group.end(this, began == 0 ? 0 : System.nanoTime() - began, null);
    }

    /** It went to no worker, or the worker did not come to it, or not to its end. */
    void end() {
        group.end(this, RunTimes.UNKNOWN, null);
    }

    /** The worker failed at it; if it turns out that it died, it died of that. */
    void failed(AlcoveException failure) {
        group.end(this, RunTimes.UNKNOWN, failure);
    }

    Seat seat() {
        return seat;
    }

    Errand errand() {
        return errand;
    }

    long expected() {
        return expected;
    }

    /** False when it was ended before. */
    boolean markEnded() {
        boolean first = !ended;
        ended = true;
        return first;
    }
}
