package org.alcove;

import java.util.HashMap;
import java.util.Map;

/** How many calls of each caller wait for a worker: who has too many there has to wait with the next. */
final class Backlog {
    private static final double REST = 0.75;

    private final int most;
    private final Map<Object, Integer> waiting = new HashMap<>(); // guarded by this
    private int blocked;

    Backlog(int most) {
        this.most = most;
    }

    /**
     * Counts one more of a caller's, when there is room.
     *
     * @throws CancelledException when the thread is interrupted while it waits
     */
    synchronized void enter(Object caller) {
        if (waiting.getOrDefault(caller, 0) >= most) {
            blocked++;
            try {
                // Not for the first one that leaves: each waking of a thread costs more than a short call.
                while (waiting.getOrDefault(caller, 0) > most * REST || waiting.getOrDefault(caller, 0) >= most) {
                    wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancelledException("interrupted while waiting for room in the queue");
            } finally {
                blocked--;
            }
        }
        waiting.merge(caller, 1, Integer::sum);
    }

    /** One of a caller's waits no longer. */
    synchronized void leave(Object caller) {
        Integer left = waiting.computeIfPresent(caller, (who, count) -> count == 1 ? null : count - 1);
        if (blocked > 0 && (left == null || left == (int) (most * REST))) {
            notifyAll();
        }
    }
}
