package org.alcove;

/** Waiting for blocks that the garbage collector finds free: a second in all, as the JDK does for its own buffers. */
final class Collecting {
    /** Each is twice as long as the one before; the first is a millisecond. */
    private static final int MOST_WAITS = 10;
    /** An array that nobody closed is found first, and what it had mapped only then. */
    private static final int WAITS_FOR_EACH_COLLECTION = 4;

    private final SharedMemory memory;
    private long before;
    private int waits;

    Collecting(SharedMemory memory) {
        this.memory = memory;
        this.before = memory.givenBack();
    }

    /** Whether blocks have been given back since the last time. An interrupt is not heeded, but left to others to see. */
    boolean findsMore() {
        boolean interrupted = false;
        boolean more = false;
        while (!more && waits < MOST_WAITS && memory.isAnyInUse()) {
            if (waits % WAITS_FOR_EACH_COLLECTION == 0) {
                System.gc();
            }
            try {
                more = memory.awaitGivenBack(before, 1L << waits++);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        before = memory.givenBack();
        return more;
    }
}
