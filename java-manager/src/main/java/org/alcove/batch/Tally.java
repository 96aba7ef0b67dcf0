package org.alcove.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** Counts, and how fast they grow. */
final class Tally {
    /** The rate is that of so long; but of so many items at least, for some take minutes each. */
    private static final long NANOSECONDS_OF_RATE = 30_000_000_000L;
    private static final int FEWEST_OF_RATE = 10;
    private static final int MOST_OF_RATE = 1000;

    private final Set<String> running = new LinkedHashSet<>();
    private final Deque<Long> ends = new ArrayDeque<>();
    private BatchProgress.Stage stage = BatchProgress.Stage.CHECKING;
    private OptionalLong total = OptionalLong.empty();
    private long done;
    private long failed;
    private long skipped;
    private long begin = System.nanoTime();

    synchronized void stage(BatchProgress.Stage next) {
        stage = next;
        begin = System.nanoTime();
    }

    synchronized void total(long items) {
        total = OptionalLong.of(items);
    }

    synchronized void skipped() {
        skipped++;
    }

    synchronized void begins(String item) {
        running.add(item);
    }

    synchronized void pauses(String item) {
        running.remove(item);
    }

    synchronized void ended(BatchStatus status) {
        if (status == BatchStatus.DONE) {
            done++;
        } else {
            failed++;
        }
        ends.addLast(System.nanoTime());
        while (ends.size() > MOST_OF_RATE
                || ends.size() > FEWEST_OF_RATE && System.nanoTime() - ends.getFirst() > NANOSECONDS_OF_RATE) {
            ends.removeFirst();
        }
    }

    synchronized long skippedItems() {
        return skipped;
    }

    synchronized BatchProgress progress() {
        double rate = rate();
        long ended = done + failed + skipped;
        OptionalDouble left = total.isPresent() && rate > 0
                ? OptionalDouble.of(Math.max(0, total.getAsLong() - ended) / rate)
                : OptionalDouble.empty();
        return new BatchProgress(stage, done, failed, skipped, total, rate, left, List.copyOf(running));
    }

    private double rate() {
        if (ends.isEmpty()) {
            return 0;
        }
        long now = System.nanoTime();
        long since = ends.size() == done + failed ? begin : ends.getFirst();
        int counted = ends.size() == done + failed ? ends.size() : ends.size() - 1;
        return counted / Math.max(1e-9, (now - since) / 1e9);
    }
}
