package org.alcove;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The workers of one launch that are there or will be. Guarded by the pool. Each call comes to most of these questions, so that
 * they are loops: streams would be felt.
 */
final class Seats {
    private final PoolSettings settings;
    private final Set<Seat> seats = new LinkedHashSet<>();

    Seats(PoolSettings settings) {
        this.settings = settings;
    }

    void add(Seat seat) {
        seats.add(seat);
    }

    void remove(Seat seat) {
        seats.remove(seat);
    }

    boolean isEmpty() {
        return seats.isEmpty();
    }

    List<Seat> all() {
        return List.copyOf(seats);
    }

    /** Those that may be given something to do. */
    List<Seat> open() {
        return seats.stream().filter(Seat::isOpen).toList();
    }

    /** Those that may be given something to do and have nothing. */
    List<Seat> idle() {
        return seats.stream().filter(seat -> seat.isOpen() && seat.isIdle()).toList();
    }

    int busy() {
        return count(seat -> !seat.isIdle());
    }

    /** Workers that are there or will soon be. */
    int alive() {
        return count(seat -> seat.isOpen() || seat.isStarting());
    }

    int starting() {
        return count(Seat::isStarting);
    }

    int openBeside(Seat seat) {
        return count(other -> other != seat && other.isOpen());
    }

    boolean anyIsOpenAndHasLoaded(OpSource source) {
        return count(seat -> seat.isOpen() && seat.hasLoaded(source)) > 0;
    }

    int count(Predicate<Seat> what) {
        int count = 0;
        for (Seat seat : seats) {
            count += what.test(seat) ? 1 : 0;
        }
        return count;
    }

    /**
     * The one that will have done something first, of those that suit; null when there is none.
     *
     * @param time how long it is expected to take, in nanoseconds
     */
    Seat best(OpSource source, long time, Predicate<Seat> suits) {
        boolean quiet = busy() == 0;
        Seat best = null;
        for (Seat seat : seats) {
            if (suits.test(seat) && (best == null || compare(seat, best, source, time, quiet) > 0)) {
                best = seat;
            }
        }
        return best;
    }

    /** Positive when the first one is better. */
    private int compare(Seat one, Seat other, OpSource source, long time, boolean quiet) {
        int order = Boolean.compare(one.isIdle() || one.hasSoonDone(time), other.isIdle() || other.hasSoonDone(time));
        if (order == 0) {
            order = Boolean.compare(one.hasLoaded(source), other.hasLoaded(source));
        }
        if (order == 0) {
            order = Boolean.compare(other.isIdle(), one.isIdle()); // soon done there, sooner than where one has to wake up
        }
        if (order == 0 && quiet) {
            order = Integer.compare(settings.width(one.threads()), settings.width(other.threads())); // it may have all cores
        }
        if (order == 0) {
            order = Long.compare(other.expected(), one.expected());
        }
        return order == 0 ? Long.compare(one.lastUsed(), other.lastUsed()) : order;
    }

    /** The slot that the fewest are bound to; null when there is none. */
    GpuSlot freest(List<GpuSlot> slots) {
        return slots.stream()
                .min(Comparator.comparing(slot -> count(seat -> seat.slot() == slot)))
                .orElse(null);
    }
}
