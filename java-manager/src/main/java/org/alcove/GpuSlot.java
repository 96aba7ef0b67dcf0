package org.alcove;

import java.util.LinkedHashSet;
import java.util.Set;

/** A graphics card, or several that are used as one: one call at a time, whatever its environment. Guarded by the pool. */
final class GpuSlot {
    private final String card;
    private final Set<WorkerGroup> waiting = new LinkedHashSet<>();
    private Seat user;

    /** {@code card} is what {@code CUDA_VISIBLE_DEVICES} calls it; null where nobody knows. */
    GpuSlot(String card) {
        this.card = card;
    }

    String card() {
        return card;
    }

    /** Whether the seat may run a call now; when it may not, its group hears of the slot's end of work in its turn. */
    boolean isFreeFor(WorkerGroup group, Seat seat) {
        boolean free = user == seat || user == null && (waiting.isEmpty() || waiting.iterator().next() == group);
        if (!free) {
            waiting.add(group);
        }
        return free;
    }

    /** Whether another group waits for the work on it to end. */
    boolean isWanted() {
        return !waiting.isEmpty();
    }

    void take(WorkerGroup group, Seat seat) {
        user = seat;
        waiting.remove(group);
    }

    /** The seat works no longer, or its group has nothing to do here; the next one in turn may. */
    void leave(WorkerGroup group, Seat seat) {
        if (user == seat) {
            user = null;
        }
        if (user == null) {
            waiting.stream().findFirst().filter(next -> next != group).ifPresent(next -> next.feedOn(this));
        }
    }

    /** The group has nothing to do on it. */
    void forget(WorkerGroup group) {
        waiting.remove(group);
    }
}
