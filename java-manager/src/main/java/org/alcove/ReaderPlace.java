package org.alcove;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The place of the one who reads what a worker writes: of the reading thread, or of a caller who reads the answer that it
 * waits for, which saves waking two threads. Between two such callers it is nobody's for some milliseconds: the reading
 * thread rests, and comes back by itself when no caller has read meanwhile. So nothing stays unread for long.
 */
final class ReaderPlace {
    private static final long REST = TimeUnit.MILLISECONDS.toNanos(3);

    private enum Holder {
        THREAD,
        NOBODY,
        CALLER
    }

    private final AtomicReference<Holder> holder = new AtomicReference<>(Holder.THREAD);
    private final Thread thread;
    private volatile boolean isWanted;
    private volatile long takings; // written by whoever has the place

    ReaderPlace(Thread thread) {
        this.thread = thread;
    }

    /** Whether a caller came while the thread had the place, and would take it. */
    boolean isWanted() {
        return isWanted;
    }

    /** The thread leaves the place; it is not to be left for as long as somebody waits who does not read. */
    void leave() {
        isWanted = false;
        holder.set(Holder.NOBODY);
    }

    /** The thread rests until the place is its own again. */
    void rest() {
        long before;
        do {
            before = takings;
            if (holder.get() != Holder.THREAD) {
                LockSupport.parkNanos(REST);
            }
        } while (holder.get() != Holder.THREAD
                && (before != takings || !holder.compareAndSet(Holder.NOBODY, Holder.THREAD)));
    }

    /** A caller takes the place, until it {@link #giveBack gives it back}; false when somebody has it. */
    boolean take() {
        if (!holder.compareAndSet(Holder.NOBODY, Holder.CALLER)) {
            isWanted = true;
            return false;
        }
        takings++;
        return true;
    }

    /** The caller reads no more; {@code toThread} when the thread is to go on at once. */
    void giveBack(boolean toThread) {
        holder.set(toThread ? Holder.THREAD : Holder.NOBODY);
        if (toThread) {
            LockSupport.unpark(thread);
        }
    }

    /** Somebody waits who does not read: the thread takes the place, unless a caller has it. */
    void wake() {
        if (holder.get() == Holder.NOBODY && holder.compareAndSet(Holder.NOBODY, Holder.THREAD)) {
            LockSupport.unpark(thread);
        }
    }
}
