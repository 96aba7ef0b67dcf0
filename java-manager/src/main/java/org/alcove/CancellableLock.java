package org.alcove;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A lock that may be held for as long as an op runs, so that whoever waits for it must hear of a cancel. */
final class CancellableLock {
    private static final long MILLISECONDS_BETWEEN_LOOKS = 50;

    private final ReentrantLock lock = new ReentrantLock(true);

    /**
     * Takes the lock; at once where it is free, also on a thread that is interrupted.
     *
     * @throws CancelledException when {@code cancelled} became true first, or the thread was interrupted
     */
    void lock(BooleanSupplier cancelled, String doing) {
        if (!lock.hasQueuedThreads() && lock.tryLock()) { // those who wait come first
            return;
        }
        try {
            while (!lock.tryLock(MILLISECONDS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS)) {
                if (cancelled.getAsBoolean()) {
                    throw new CancelledException("cancelled while " + doing);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while " + doing);
        }
    }

    /** Takes the lock, however long that takes. */
    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }
}
