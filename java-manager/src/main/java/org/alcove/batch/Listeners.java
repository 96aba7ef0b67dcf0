package org.alcove.batch;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Tells those who listen, on a thread of their own: one that throws or blocks for ever harms no item. */
final class Listeners implements AutoCloseable {
    private static final long MILLISECONDS_BETWEEN = 100;
    private static final long SECONDS_TO_END = 2;

    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, Threads.named("alcove-batch-listeners"));
    private final Tally tally;
    private final Consumer<BatchProgress> progress;
    private final Consumer<BatchOutcome> outcomes;
    private BatchProgress last;

    Listeners(Tally tally, Consumer<BatchProgress> progress, Consumer<BatchOutcome> outcomes) {
        this.tally = tally;
        this.progress = progress;
        this.outcomes = outcomes;
        thread.scheduleWithFixedDelay(this::tell, 0, MILLISECONDS_BETWEEN, TimeUnit.MILLISECONDS);
    }

    void ended(BatchOutcome outcome) {
        thread.execute(() -> quietly(() -> outcomes.accept(outcome)));
    }

    private void tell() {
        BatchProgress now = tally.progress();
        if (!now.equals(last)) {
            last = now;
            quietly(() -> progress.accept(now));
        }
    }

    private static void quietly(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException | Error theirs) {
            System.getLogger("org.alcove").log(System.Logger.Level.WARNING, "a listener of a batch failed", theirs);
        }
    }

    /** Tells the last progress; waits for a listener that is behind, but not for one that is stuck. */
    @Override
    public void close() {
        CountDownLatch told = new CountDownLatch(1);
        thread.execute(() -> {
            tell();
            told.countDown();
        });
        boolean interrupted = false;
        for (long before = -1; told.getCount() > 0 && thread.getCompletedTaskCount() != before; ) {
            before = thread.getCompletedTaskCount();
            try {
                told.await(SECONDS_TO_END, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        thread.shutdownNow();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
