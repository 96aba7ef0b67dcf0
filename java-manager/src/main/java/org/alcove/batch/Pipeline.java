package org.alcove.batch;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.WorkerInfo;

/**
 * The items on their way: read, computed, written, noted. Each of the first three has threads of its own, so that the op
 * never waits for a disk; how many items are between them {@link Room} says.
 */
final class Pipeline {
    private static final long SECONDS_TO_CANCEL = 20;
    private static final int MOST_SHORTAGES = 3;

    private final Alcove alcove;
    private final Op op;
    private final BatchReader reader;
    private final Ledger ledger;
    private final Journal journal;
    private final ItemWriter writer;
    private final Places places;
    private final Tally tally;
    private final Listeners listeners;
    private final BatchFolder folder;
    private final Failures failures;
    private final Room room;
    private final ExecutorService readers;
    private final ExecutorService computers;
    private final ExecutorService writers;
    private final Set<Work> computing = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;
    private volatile boolean cancelled;
    private AlcoveException fatal; // guarded by this, as are the next
    private boolean doneSinceRevival;
    private int revivals;

    Pipeline(
            Batch batch,
            Op op,
            BatchFolder folder,
            Ledger ledger,
            Journal journal,
            Places places,
            Tally tally,
            Listeners listeners) {
        this.alcove = batch.alcove();
        this.op = op;
        this.reader = batch.reader().reader();
        this.ledger = ledger;
        this.journal = journal;
        this.writer = new ItemWriter(alcove, folder, ledger, batch.tables());
        this.places = places;
        this.tally = tally;
        this.listeners = listeners;
        this.folder = folder;
        this.failures = new Failures(alcove, op, folder);
        int atOnce = batch.atOnce();
        this.room = new Room(2 * atOnce + 2, alcove.memoryDirectory().toFile().getUsableSpace());
        this.readers = Executors.newFixedThreadPool(1 + atOnce / 2, Threads.named("alcove-batch-read"));
        this.computers = Executors.newFixedThreadPool(atOnce, Threads.named("alcove-batch-compute"));
        this.writers = Executors.newFixedThreadPool(1 + atOnce / 2, Threads.named("alcove-batch-write"));
    }

    /** One step of an item's way. */
    private interface Step {
        void take(Work work) throws Exception;
    }

    /**
     * Brings items through until there are no more, or until it is stopped.
     *
     * @throws AlcoveException what keeps all items from going on
     */
    void run(Iterator<Work> items) throws InterruptedException {
        try {
            feed(items);
        } catch (IOException e) {
            stopWith(failures.ofJournal(e));
        } finally {
            if (cancelled) {
                room.awaitEmpty(SECONDS_TO_CANCEL);
            } else {
                room.awaitEmpty();
            }
            readers.shutdownNow();
            computers.shutdownNow();
            writers.shutdownNow();
        }
        synchronized (this) {
            if (fatal != null) {
                throw fatal;
            }
        }
    }

    private void feed(Iterator<Work> items) throws IOException, InterruptedException {
        while (!stopping && items.hasNext()) {
            for (Work again = room.pollAgain(); again != null; again = room.pollAgain()) {
                enter(again);
            }
            Work work = items.next();
            OptionalLong before = ledger.ended(work);
            places.begun(work);
            if (before.isPresent()) {
                places.ended(work.index, before.getAsLong());
                tally.skipped();
            } else if (work.deaths > 0) {
                room.tookAgain(work); // it killed a worker in an earlier run: others come first
            } else {
                enter(work);
            }
        }
        for (Work again = room.awaitAgain(); again != null; again = room.awaitAgain()) {
            enter(again);
        }
    }

    private void enter(Work work) throws InterruptedException {
        if (room.enter()) {
            pass(work, readers, this::read);
        }
    }

    /** Gives an item to the next threads. Whatever happens to it there, it gives back its room once. */
    private void pass(Work work, ExecutorService threads, Step step) {
        try {
            threads.execute(new Task(work, step));
        } catch (RejectedExecutionException cancelledMeanwhile) {
            leave(work);
        }
    }

    /** A step of an item that waits for a thread. */
    private final class Task implements Runnable {
        private final Work work;
        private final Step step;

        Task(Work work, Step step) {
            this.work = work;
            this.step = step;
        }

        @Override
        public void run() {
            try {
                step.take(work);
            } catch (Throwable failure) {
                failed(work, failure);
            }
        }
    }

    private void read(Work work) throws Exception {
        if (stopping) {
            leave(work);
            return;
        }
        room.expect(work.read(op, reader));
        pass(work, computers, this::compute);
    }

    private void compute(Work work) {
        if (stopping) {
            leave(work);
            return;
        }
        tally.begins(work.item.name());
        work.revival = revivals();
        computing.add(work);
        try {
            work.compute(op, () -> cancelled);
        } finally {
            computing.remove(work);
            tally.pauses(work.item.name());
        }
        pass(work, writers, this::write);
    }

    private void write(Work work) throws Exception {
        work.stage = Work.Stage.WRITING;
        ledger.requireUnchanged();
        note(work, writer.write(work, op));
        succeeded();
        leave(work);
    }

    private void leave(Work work) {
        work.close();
        room.leave();
    }

    /** The end of an item: from here on it is not done again. */
    private void note(Work work, Entry entry) throws IOException {
        places.ended(work.index, journal.append(entry));
        tally.ended(entry.status());
        listeners.ended(entry.outcome(folder));
    }

    private void failed(Work work, Throwable thrown) {
        try {
            work.close();
            if (!cancelled) {
                judge(work, thrown);
            }
        } catch (IOException e) {
            stopWith(failures.ofJournal(e));
        } catch (RuntimeException | Error e) {
            stopWith(failures.understood(e, Work.Stage.WRITING));
        } finally {
            room.leave();
        }
    }

    private void judge(Work work, Throwable thrown) throws IOException {
        AlcoveException failure = failures.understood(thrown, work.stage);
        if (failures.isRefusal(failure) && canBeRevived(work, failure)) {
            room.tookAgain(work);
        } else if (failures.concernsAll(failure, work.stage)) {
            stopWith(failure);
        } else if (failure.kind() == ErrorKind.OUT_OF_SHARED_MEMORY && mayFindRoom(work)) {
            room.tookAgain(work);
        } else if (failure.kind() != ErrorKind.WORKER_DIED) {
            note(work, ledger.failed(work, BatchStatus.FAILED, failure));
        } else if (work.deaths == 0 && failures.mayBeRepeated(work)) {
            work.deaths = 1;
            journal.append(ledger.failed(work, BatchStatus.PENDING, failure)); // a batch that is killed now, too, knows it
            room.tookAgain(work);
        } else {
            note(work, ledger.failed(work, failures.status(work), failure));
        }
    }

    /** Whoever meets full memory gives back what is kept there for later: even one that is alone may find room then. */
    private boolean mayFindRoom(Work work) {
        return room.shrink() || ++work.shortages < MOST_SHORTAGES;
    }

    /**
     * Whether the op's workers, of which too many died one after the other, may be started again: the op works, if
     * something was done since that was asked last. A few bad images beside each other must not end a night's batch.
     */
    private synchronized boolean canBeRevived(Work work, AlcoveException refusal) {
        if (work.revival < revivals) {
            return true; // it was refused before they were
        } else if (!doneSinceRevival) {
            return false;
        }
        doneSinceRevival = false;
        revivals++;
        alcove.workers().list().stream()
                .filter(worker -> worker.state() == WorkerInfo.State.FAILED && worker.reason().equals(refusal.getMessage()))
                .forEach(worker -> alcove.workers().reset(worker.environment()));
        return true;
    }

    private synchronized void succeeded() {
        doneSinceRevival = true;
        room.succeeded();
    }

    private synchronized int revivals() {
        return revivals;
    }

    private void stopWith(AlcoveException failure) {
        synchronized (this) {
            if (fatal == null) {
                fatal = failure;
            }
        }
        stop();
    }

    /** Begins nothing more; what the op is working on is brought to its end. */
    void stop() {
        stopping = true;
        room.close();
    }

    /** Ends what runs, too. */
    void cancel() {
        cancelled = true;
        stop();
        computing.forEach(Work::cancel);
        for (ExecutorService threads : List.of(readers, computers, writers)) {
            threads.shutdownNow().forEach(task -> leave(((Task) task).work));
        }
    }
}
