package org.alcove.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * How many items are under way at once, from the reading of their images until their outputs are written; and those that
 * have to be tried once more. The first keeps memory bounded, whatever the number of items.
 */
final class Room {
    private final long freeBytes;
    private final int most;
    private final Deque<Work> again = new ArrayDeque<>();
    private int limit = 1; // until one has been read: nobody knows how large they are
    private int inside;
    private long largestBytes = -1;
    private boolean somethingSucceeded;
    private boolean closed;

    /**
     * @param most items at once
     * @param freeBytes of shared memory
     */
    Room(int most, long freeBytes) {
        this.most = most;
        this.freeBytes = freeBytes;
    }

    /** Waits for room; false when nothing more is to begin. */
    synchronized boolean enter() throws InterruptedException {
        while (inside >= limit && !closed) {
            wait();
        }
        inside += closed ? 0 : 1;
        return !closed;
    }

    synchronized void leave() {
        inside--;
        notifyAll();
    }

    /** One that is to be tried again; it leaves after that. */
    synchronized void tookAgain(Work work) {
        again.addLast(work);
        notifyAll();
    }

    /** Something was done: the op works. Now one that has killed a worker may be tried again. */
    synchronized void succeeded() {
        somethingSucceeded = true;
        notifyAll();
    }

    /** An item takes so much memory, its outputs perhaps as much again: no more at once than half of the memory holds. */
    synchronized void expect(long bytes) {
        if (largestBytes < 0) {
            limit = most;
        }
        if (bytes > largestBytes) {
            largestBytes = bytes;
            limit = (int) Math.max(1, Math.min(limit, freeBytes / 4 / Math.max(1, bytes)));
            notifyAll();
        }
    }

    /** There was too little memory for one of those under way; whether there are others, which give back theirs. */
    synchronized boolean shrink() {
        boolean others = inside > 1;
        limit = Math.max(1, Math.min(limit, inside - 1));
        return others;
    }

    /** One that is to be tried again now, or null. */
    synchronized Work pollAgain() {
        for (Iterator<Work> all = again.iterator(); all.hasNext(); ) {
            Work work = all.next();
            if (work.deaths == 0 || somethingSucceeded) {
                somethingSucceeded &= work.deaths == 0;
                all.remove();
                return work;
            }
        }
        return null;
    }

    /** As above when no new item is left: waits for the others; null when there is none, or nothing more is to begin. */
    synchronized Work awaitAgain() throws InterruptedException {
        while (!closed) {
            Work work = inside == 0 ? again.pollFirst() : pollAgain();
            if (work != null || inside == 0) {
                return work;
            }
            wait();
        }
        return null;
    }

    /** From now on nothing begins. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Waits until nothing is under way. */
    synchronized void awaitEmpty() throws InterruptedException {
        while (inside > 0) {
            wait();
        }
    }

    /** As above, but no longer than this. */
    synchronized void awaitEmpty(long seconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (long left = end - System.nanoTime(); inside > 0 && left > 0; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }
}
