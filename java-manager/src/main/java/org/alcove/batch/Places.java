package org.alcove.batch;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Where in the journal the line of each item begins, by the item's place; and the names of those that have none. */
final class Places {
    static final long NONE = -1;
    private final Map<Long, String> unfinished = new HashMap<>();
    private long[] places = new long[1024];
    private int size;

    synchronized void begun(Work work) {
        grow(work.index);
        unfinished.put(work.index, work.item.name());
    }

    synchronized void ended(long index, long place) {
        grow(index);
        places[Math.toIntExact(index)] = place;
        unfinished.remove(index);
    }

    private void grow(long index) {
        int old = places.length;
        if (index >= old) {
            places = Arrays.copyOf(places, Math.max(2 * old, Math.toIntExact(index + 1)));
        }
        while (size <= index) {
            places[size++] = NONE;
        }
    }

    synchronized int size() {
        return size;
    }

    /** {@link #NONE} for one that has not ended. */
    synchronized long at(int index) {
        return places[index];
    }

    /** The name of one that has not ended. */
    synchronized String unfinished(int index) {
        return unfinished.get((long) index);
    }
}
