package org.alcove.batch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Op;

/** A batch under way. Its methods may be called from any thread. */
public final class BatchRun {
    private final Batch batch;
    private final Tally tally = new Tally();
    private final CompletableFuture<BatchResult> end = new CompletableFuture<>();
    private final Thread thread = Threads.named("alcove-batch").newThread(this::go);
    private Pipeline pipeline;
    private boolean stopped;
    private volatile boolean cancelled;

    private BatchRun(Batch batch) {
        this.batch = batch;
    }

    static BatchRun begin(Batch batch) {
        BatchRun run = new BatchRun(batch);
        run.thread.start();
        return run;
    }

    /**
     * Waits for the end. Interrupting the thread cancels the batch.
     *
     * @throws AlcoveException when the batch could not go on: {@link ErrorKind#INVALID_PARAMS} for items that are in each
     *     other's way, {@link ErrorKind#FILE_FAILED} for an output folder that is gone, full or in use, and what the op's
     *     environment and workers fail with. What was done is noted all the same; the same batch again goes on
     */
    public BatchResult await() {
        try {
            return end.get();
        } catch (InterruptedException e) {
            cancel();
            Thread.currentThread().interrupt();
            throw new AlcoveException(ErrorKind.CANCELLED, "interrupted while waiting for the batch",
                    "the same batch again goes on", Map.of());
        } catch (ExecutionException e) {
            throw (AlcoveException) e.getCause();
        }
    }

    /** Begins no more items, and lets those end that the op is working on. The result tells how many are left. */
    public void stop() {
        Pipeline running;
        synchronized (this) {
            stopped = true;
            running = pipeline;
        }
        if (running != null) {
            running.stop();
        }
    }

    /** Ends at once: what the op is working on is cancelled, and counts as not run. */
    public void cancel() {
        Pipeline running;
        synchronized (this) {
            stopped = true;
            cancelled = true;
            running = pipeline;
            if (running == null) {
                thread.interrupt(); // it may be waiting for an environment
            }
        }
        if (running != null) {
            running.cancel();
        }
    }

    /** How far it is. */
    public BatchProgress progress() {
        return tally.progress();
    }

    private void go() {
        AlcoveException failure = null;
        BatchResult result = null;
        try (Listeners listeners = new Listeners(tally, batch.progressListener(), batch.outcomeListener());
                BatchFolder folder = BatchFolder.open(batch.output());
                Journal journal = open(folder)) {
            result = run(folder, journal, listeners);
        } catch (AlcoveException e) {
            failure = e;
        } catch (IOException | RuntimeException | Error e) {
            failure = cancelled // in the middle of a file
                    ? new AlcoveException(ErrorKind.CANCELLED, "cancelled before it began", null, Map.of())
                    : new AlcoveException(
                            ErrorKind.FILE_FAILED, "the batch failed: " + e, null, Map.of("cause", "failed"));
            failure.initCause(e);
        }
        if (failure == null) {
            end.complete(result);
        } else {
            end.completeExceptionally(failure);
        }
    }

    private static Journal open(BatchFolder folder) {
        try {
            return Journal.open(folder.journal());
        } catch (IOException e) {
            throw BatchFolder.failure("the journal " + folder.journal() + " cannot be read: " + BatchFolder.reason(e),
                    "choose another output folder", e);
        }
    }

    private BatchResult run(BatchFolder folder, Journal journal, Listeners listeners) throws IOException {
        long start = System.nanoTime();
        if (batch.items() instanceof Collection<?> all) {
            tally.total(all.size());
        }
        Ledger ledger = new Ledger(batch, folder, journal);
        Iterator<Work> works = Planning.works(batch, ledger);
        ledger.begin();
        Places places = new Places();
        Op op = batch.op().onBehalfOf(this);
        AlcoveException failure = null;
        try (Forcing forcing = new Forcing(journal)) {
            Pipeline running = new Pipeline(batch, op, folder, ledger, journal, places, tally, listeners);
            begin(running);
            tally.stage(BatchProgress.Stage.RUNNING);
            running.run(works);
        } catch (AlcoveException e) {
            failure = e;
        } catch (InterruptedException e) {
            failure = new AlcoveException(ErrorKind.CANCELLED, "the batch's thread was interrupted", null, Map.of());
        }
        tally.stage(BatchProgress.Stage.FINISHING);
        return finish(folder, journal, ledger, places, works, failure, start);
    }

    private void begin(Pipeline running) {
        synchronized (this) {
            pipeline = running; // from here on a cancel goes there, and interrupts nobody who writes a report
            if (!stopped) {
                return;
            }
        }
        if (cancelled) {
            Thread.interrupted();
            running.cancel();
        } else {
            running.stop();
        }
    }

    private BatchResult finish(
            BatchFolder folder,
            Journal journal,
            Ledger ledger,
            Places places,
            Iterator<Work> rest,
            AlcoveException failure,
            long start)
            throws IOException {
        Reports reports = new Reports(batch, folder, journal, places);
        Optional<Path> values = Optional.empty();
        List<Path> tables = List.of();
        try {
            if (failure == null || failure.kind() != ErrorKind.INVALID_PARAMS) {
                lookAtRest(ledger, places, rest);
            }
            reports.report();
            values = reports.values();
            if (failure == null && !cancelled) {
                tables = reports.tables();
            }
        } catch (IOException | RuntimeException e) {
            if (failure == null) {
                throw e;
            }
            failure.addSuppressed(e);
        }
        if (failure != null) {
            throw failure;
        }
        return new BatchResult(
                reports.count(BatchStatus.DONE),
                reports.count(BatchStatus.FAILED),
                reports.count(BatchStatus.QUARANTINED),
                reports.count(BatchStatus.PENDING),
                tally.skippedItems(),
                (System.nanoTime() - start) / 1e9,
                folder.file("report.csv"),
                values,
                tables);
    }

    /** The items that this run has not come to; an Iterable that is no Collection may be without end. */
    private void lookAtRest(Ledger ledger, Places places, Iterator<Work> rest) throws IOException {
        while (batch.items() instanceof Collection<?> && rest.hasNext()) {
            Work work = rest.next();
            OptionalLong before = ledger.endedBefore(work.item);
            places.begun(work);
            if (before.isPresent()) {
                places.ended(work.index, before.getAsLong());
                tally.skipped();
            }
        }
    }

    /** Brings the journal to the disk, once a second and at the end. */
    private static final class Forcing implements AutoCloseable {
        private final ScheduledExecutorService thread =
                Executors.newSingleThreadScheduledExecutor(Threads.named("alcove-batch-journal"));

        Forcing(Journal journal) {
            thread.scheduleWithFixedDelay(() -> force(journal), 1, 1, TimeUnit.SECONDS);
        }

        private static void force(Journal journal) {
            try {
                journal.force();
            } catch (IOException e) {
                // A disk that is gone or full is noticed by who appends the next line, and ends the batch there.
            }
        }

        @Override
        public void close() {
            thread.shutdownNow();
        }
    }
}
