package org.alcove;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Errands that wait for a worker. Callers take turns, however many errands each has here. Not safe for several threads. */
final class CallQueue {
    private final Map<Object, TreeMap<Long, Errand>> lines = new LinkedHashMap<>(); // of callers, whose turn is next first
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void add(Errand errand) {
        if (lines.computeIfAbsent(errand.caller, caller -> new TreeMap<>()).put(errand.number, errand) == null) {
            size++;
        }
    }

    /** Takes one out; false when it was not there. */
    boolean remove(Errand errand) {
        TreeMap<Long, Errand> line = lines.get(errand.caller);
        if (line == null || line.remove(errand.number) == null) {
            return false;
        }
        size--;
        if (line.isEmpty()) {
            lines.remove(errand.caller);
        }
        return true;
    }

    /** The one whose turn is next; null when there is none. */
    Errand first() {
        return lines.isEmpty() ? null : lines.values().iterator().next().firstEntry().getValue();
    }

    /** Takes out the first that suits, of those that are the next of their callers; null when there is none. */
    Errand poll(Predicate<Errand> suits) {
        Iterator<Map.Entry<Object, TreeMap<Long, Errand>>> each = lines.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Object, TreeMap<Long, Errand>> entry = each.next();
            TreeMap<Long, Errand> line = entry.getValue();
            Errand next = line.firstEntry().getValue();
            if (suits.test(next)) {
                each.remove();
                line.remove(next.number);
                size--;
                if (!line.isEmpty()) {
                    lines.put(entry.getKey(), line); // last from now on
                }
                return next;
            }
        }
        return null;
    }

    /** Whether one waits since then, in nanoseconds, or longer; of each caller the next one counts. */
    boolean hasWaitedSince(long then) {
        return lines.values().stream().anyMatch(line -> line.firstEntry().getValue().waitingSince() - then <= 0);
    }

    /** Takes out all that suit. */
    List<Errand> removeAll(Predicate<Errand> suits) {
        List<Errand> all = new ArrayList<>();
        lines.values().forEach(line -> line.values().stream().filter(suits).forEach(all::add));
        all.forEach(this::remove);
        return all;
    }
}
