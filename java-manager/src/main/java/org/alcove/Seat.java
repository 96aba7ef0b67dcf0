package org.alcove;

import java.util.concurrent.CompletableFuture;

/** A place for one worker, from the decision to start it until it is gone. Guarded by the pool, where nothing else is said. */
final class Seat {
    private static final int MOST_IN_PIPE = 64;
    private static final long BYTES_IN_PIPE = 15_000; // 16 KiB on some systems, and what tells of blocks needs room, too
    private static final long NANOSECONDS_IN_PIPE = 2_000_000;
    private static final long NANOSECONDS_TO_WAKE = 200_000;
    private static final long NANOSECONDS_BEHIND_TIME = 4_000_000;

    private final Allotment allotment;
    private final GpuSlot slot;
    private final boolean extra;
    private final CompletableFuture<Seat> ready = new CompletableFuture<>(); // exceptionally: it will never be
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private volatile Worker worker;
    private boolean there;
    private boolean leaving;
    private boolean fed;
    private int turns;
    private long bytes;
    private boolean reserved;
    private long expected;
    private long movedAt;
    private long lastUsed;
    private OpSource victim;
    private AlcoveException failure;

    /**
     * @param slot the graphics card that it is bound to, or null
     * @param extra whether it was started beyond the limit, for one errand that could not wait
     */
    Seat(Allotment allotment, GpuSlot slot, boolean extra) {
        this.allotment = allotment;
        this.slot = slot;
        this.extra = extra;
    }

    Worker worker() {
        return worker;
    }

    GpuSlot slot() {
        return slot;
    }

    int threads() {
        return allotment.threads();
    }

    Allotment allotment() {
        return allotment;
    }

    boolean isExtra() {
        return extra;
    }

    CompletableFuture<Seat> ready() {
        return ready;
    }

    /** Done when the worker is gone, or will never be. */
    CompletableFuture<Void> over() {
        return over;
    }

    /** Its process was started. */
    void begun(Worker begun) {
        worker = begun;
    }

    void arrived(long now) {
        there = true;
        lastUsed = now;
    }

    boolean isStarting() {
        return !there;
    }

    /** Whether it may be given something to do. */
    boolean isOpen() {
        return there && !leaving && worker.isAlive();
    }

    boolean isIdle() {
        return turns == 0 && !reserved;
    }

    boolean isIdleSince(long then) {
        return isOpen() && isIdle() && lastUsed - then <= 0;
    }

    long lastUsed() {
        return lastUsed;
    }

    long expected() {
        return expected;
    }

    boolean hasLoaded(OpSource source) {
        return worker != null && worker.sources().contains(source);
    }

    /** What an errand needs is loaded: others may be sent behind it, unless it wants the worker for itself. */
    void loadedFor(Errand errand) {
        reserved = errand.isUrgent();
    }

    /** Whether an errand of this expected run time may be sent while another one is under way. */
    boolean pipelines(long time, OpSource source, long now) {
        return !reserved
                && now - movedAt <= NANOSECONDS_BEHIND_TIME // else what runs is longer than it was thought to be
                && time != RunTimes.UNKNOWN
                && turns < MOST_IN_PIPE
                && expected + time <= NANOSECONDS_IN_PIPE
                && hasLoaded(source)
                && (slot == null || !slot.isWanted());
    }

    /**
     * Whether a short line can be written to its worker by a thread that must not wait: as it is loaded in this version, as
     * nobody else is just giving it what came before, and as the line fits into the pipe, even if nothing is read.
     */
    boolean takesAtOnce(Errand errand, Object version) {
        return !fed && bytes + errand.bytes() <= BYTES_IN_PIPE && worker.sources().contains(errand.source, version);
    }

    /** Whether it will have done an errand of this expected run time sooner than an idle worker would have woken up. */
    boolean hasSoonDone(long time) {
        return time != RunTimes.UNKNOWN && expected + time <= NANOSECONDS_TO_WAKE;
    }

    /** Whether so much is in the pipe that feeding can wait: each time costs the waking of a thread. */
    boolean isWellFed() {
        return turns > MOST_IN_PIPE / 2 || expected > NANOSECONDS_IN_PIPE / 2 && turns > 1;
    }

    /** Nothing is sent behind an errand of unknown run time. */
    void begin(Turn turn, long now) {
        if (turns == 0) {
            movedAt = now;
        }
        turns++;
        bytes += turn.errand().bytes();
        expected += turn.expected() == RunTimes.UNKNOWN ? NANOSECONDS_IN_PIPE : turn.expected();
        reserved |= turn.errand().isUrgent() || !hasLoaded(turn.errand().source);
    }

    void end(Turn turn, long now) {
        turns--;
        bytes -= turn.errand().bytes();
        movedAt = now;
        expected -= turn.expected() == RunTimes.UNKNOWN ? NANOSECONDS_IN_PIPE : turn.expected();
        if (turns == 0) {
            reserved = false;
            lastUsed = now;
        }
    }

    /** Whether its end was its own doing, and not somebody's who stopped it. Not to start at all is a fault, too. */
    boolean wasAtFault() {
        Ending ending = worker == null ? Ending.START_FAILED : worker.ending();
        return ending != null && ending.isFault();
    }

    /** What it died of, if it dies now; what fails later was only waiting. */
    void failed(OpSource source, AlcoveException because) {
        if (failure == null) {
            victim = source;
            failure = because;
        }
    }

    OpSource victim() {
        return victim;
    }

    AlcoveException failure() {
        return failure;
    }

    /** Nothing more is given to it; false when that holds already. */
    boolean leave() {
        boolean first = !leaving;
        leaving = true;
        return first;
    }

    /** Marks that a thread gives it what waits; false when one does already. */
    boolean beginFeeding() {
        boolean first = !fed;
        fed = true;
        return first;
    }

    void endFeeding() {
        fed = false;
    }
}
