package org.alcove.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.alcove.AlcoveException;

/** What is to be done, looked through before anything is. */
final class Planning {
    private Planning() {}

    /** What would be done with each item. */
    static List<BatchPlanned> plan(Batch batch) {
        BatchFolder folder = BatchFolder.look(batch.output());
        try (Journal journal = Files.exists(folder.journal()) ? Journal.look(folder.journal()) : null) {
            Ledger ledger = new Ledger(batch, folder, journal);
            Collisions collisions = new Collisions(batch);
            List<BatchPlanned> plan = new ArrayList<>();
            for (Iterator<Work> works = works(batch, ledger); works.hasNext(); ) {
                Work work = works.next();
                OptionalLong before = journal == null ? OptionalLong.empty() : ledger.ended(work);
                BatchStatus status = before.isEmpty() ? BatchStatus.PENDING : journal.at(before.getAsLong()).status();
                plan.add(new BatchPlanned(work.item.name(), status, collisions.files(work)));
            }
            return plan;
        } catch (IOException e) {
            throw BatchFolder.failure("the journal " + folder.journal() + " cannot be read: " + BatchFolder.reason(e),
                    "choose another output folder", e);
        }
    }

    /**
     * The work on each item; where the items are a Collection, all of them have been looked at once before.
     *
     * @throws org.alcove.AlcoveException {@link org.alcove.ErrorKind#INVALID_PARAMS} when items are in each other's way
     */
    static Iterator<Work> works(Batch batch, Ledger ledger) {
        if (batch.items() instanceof Collection<?>) {
            each(batch, ledger, new Collisions(batch)).forEachRemaining(work -> {});
            return each(batch, ledger, null);
        }
        return each(batch, ledger, new Collisions(batch));
    }

    /** Whoever makes the items may fail at it, and that is no fault of the batch's. */
    private static <T> T listed(Supplier<T> items) {
        try {
            return items.get();
        } catch (RuntimeException theirs) {
            AlcoveException failure = Batch.wrong("the items could not be listed: " + theirs, "mend what lists them");
            failure.initCause(theirs);
            throw failure;
        }
    }

    private static Iterator<Work> each(Batch batch, Ledger ledger, Collisions collisions) {
        Iterator<BatchItem> items = batch.items().iterator();
        return new Iterator<>() {
            private long index;

            @Override
            public boolean hasNext() {
                return listed(items::hasNext);
            }

            @Override
            public Work next() {
                Work work = ledger.work(listed(items::next), index++);
                if (collisions != null) {
                    collisions.add(work);
                }
                return work;
            }
        };
    }
}
