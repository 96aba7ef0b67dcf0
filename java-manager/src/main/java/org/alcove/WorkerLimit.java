package org.alcove;

import java.util.TreeMap;

/** How many workers a group may have, and how many cores each: as those want whose errands are there. Guarded by the pool. */
final class WorkerLimit {
    private final PoolSettings settings;
    private final boolean single;
    private final int cards;
    private final TreeMap<Integer, Integer> wanted = new TreeMap<>(); // limit -> errands that want it
    private int wantUsual; // so many errands want the usual limit: nearly all, so that these are only counted

    /**
     * @param single whether there is never more than one
     * @param cards how many graphics cards there are for its workers, one each; 0 for ops that use none
     */
    WorkerLimit(PoolSettings settings, boolean single, int cards) {
        this.settings = settings;
        this.single = single;
        this.cards = cards;
    }

    void came(Errand errand) {
        if (errand.most == 0) {
            wantUsual++;
        } else {
            wanted.merge(errand.most, 1, Integer::sum);
        }
    }

    void left(Errand errand) {
        if (errand.most == 0) {
            wantUsual--;
        } else {
            wanted.computeIfPresent(errand.most, (most, count) -> count == 1 ? null : count - 1);
        }
    }

    /** How many workers there may be: the largest number that anybody wants. */
    int workers() {
        if (single) {
            return 1;
        }
        int largest = wanted.isEmpty() ? 0 : wanted.lastKey();
        largest = wantUsual > 0 || largest == 0 ? Math.max(largest, usual()) : largest;
        return cards == 0 ? largest : Math.min(largest, cards);
    }

    private int usual() {
        return cards == 0 ? settings.limit() : cards;
    }

    /** Whether somebody said how many workers there shall be, so that each gets its share of the cores from the start. */
    boolean isShared() {
        return settings.isLimitChosen() || cards > 0 || !wanted.isEmpty() && wantUsual == 0;
    }

    /** The cores of one of several workers. */
    int share() {
        return Math.max(1, settings.cores() / workers());
    }
}
