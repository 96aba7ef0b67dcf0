package org.alcove;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What must be done although the heap is full. Others fill it, and may let go of it soon; until then calls would wait for
 * ever whose end nobody tells, and processes stay that nobody ends.
 */
final class FullHeap {
    private static final int ROOM_BYTES = 1 << 18;
    private static final long NANOSECONDS_BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int MOST_LOOKS = 3000; // a minute

    private FullHeap() {}

    /** Does something, again when memory runs out meanwhile. The action must be there already: to make it takes memory. */
    static void outlast(Runnable action) {
        for (int tries = 0; ; tries++) {
            try {
                action.run();
                return;
            } catch (OutOfMemoryError e) {
                if (tries == MOST_LOOKS) {
                    throw e;
                }
                awaitRoom();
            }
        }
    }

    /** Waits until there is room for a little; for a minute at most. */
    static void awaitRoom() {
        boolean interrupted = false;
        for (int looks = 0; looks < MOST_LOOKS && !hasRoom(); looks++) {
            interrupted |= Thread.interrupted();
            LockSupport.parkNanos(NANOSECONDS_BETWEEN_LOOKS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean hasRoom() {
        try {
            return new byte[ROOM_BYTES].length > 0;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }
}
