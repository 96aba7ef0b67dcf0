package org.alcove.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Parameter;

/** What is to be done in one output folder, and what of it was done before. */
final class Ledger {
    private final Batch batch;
    private final BatchFolder folder;
    private final Journal journal;
    private final Naming naming;
    private final String fingerprint;
    private final String id;

    /** Makes the op's environment where it is missing: what it holds decides what was done before. */
    Ledger(Batch batch, BatchFolder folder, Journal journal) {
        this.batch = batch;
        this.folder = folder;
        this.journal = journal;
        this.naming = batch.naming();
        this.fingerprint = fingerprint();
        this.id = Digests.of(String.valueOf(List.of(
                fingerprint,
                String.valueOf(ItemKeys.stamp(batch.common())),
                String.valueOf(batch.tables() == BatchTables.SEPARATE))));
    }

    private String fingerprint() {
        return batch.op().fingerprint() + " " + batch.reader().fingerprint().get();
    }

    /** Writes down, for people who come years later, what made the outputs. */
    void begin() throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("batch", id);
        members.put("op", batch.op().name());
        members.put("id", batch.op().descriptor().get("id"));
        members.put("inputs", ItemKeys.stamp(batch.common()));
        members.put("alcove", Alcove.version());
        members.put("began", Instant.now().toString());
        journal.note(members);
    }

    /** The work on an item. */
    Work work(BatchItem item, long index) {
        for (String name : item.inputs().keySet()) {
            if (batch.op().inputs().stream().noneMatch(input -> input.name().equals(name))) {
                throw Batch.wrong(
                        "the item " + item.name() + " has an input " + name + ", which " + batch.op().name()
                                + " does not take",
                        "it takes " + String.join(", ", batch.op().inputs().stream().map(Parameter::name).toList()));
            }
        }
        Work work = new Work(item, index, batch.common(), naming, id);
        for (Parameter input : batch.op().inputs()) {
            if (input.required() && !work.inputs.containsKey(input.name())) {
                throw Batch.wrong("the item " + item.name() + " has no " + input.name() + " (" + input.summary() + ")",
                        "give it to each item, or to all of them with set(...)");
            }
        }
        return work;
    }

    /**
     * Where the line of an item is that need not be done again: it was done, and its files are there; or it failed, and is
     * not to be tried again.
     */
    OptionalLong ended(Work work) throws IOException {
        OptionalLong place = journal.place(work.item.name());
        if (place.isEmpty()) {
            return place;
        }
        Entry entry = journal.at(place.getAsLong());
        if (!entry.item().equals(work.item.name()) || !entry.key().equals(work.key())) {
            return OptionalLong.empty();
        }
        work.deaths = entry.status() == BatchStatus.PENDING ? 1 : 0;
        boolean ended = switch (entry.status()) {
            case DONE -> entry.allFiles().stream().allMatch(this::isThere);
            case FAILED, QUARANTINED -> !batch.retriesFailed();
            case PENDING -> false;
        };
        return ended ? place : OptionalLong.empty();
    }

    /** As {@link #ended}, for one that this run does not come to: without a look at any file. */
    OptionalLong endedBefore(BatchItem item) throws IOException {
        OptionalLong place = journal.place(item.name());
        if (place.isPresent()) {
            Entry entry = journal.at(place.getAsLong());
            if (entry.item().equals(item.name()) && entry.batch().equals(id) && entry.status() != BatchStatus.PENDING) {
                return place;
            }
        }
        return OptionalLong.empty();
    }

    private boolean isThere(Entry.Written written) {
        try {
            return Files.size(folder.file(written.name())) == written.bytes();
        } catch (IOException missing) {
            return false;
        }
    }

    /**
     * The line of an item that came to nothing.
     *
     * @param status PENDING when it is to be tried once more
     */
    Entry failed(Work work, BatchStatus status, AlcoveException failure) {
        return new Entry(work.item.name(), id, work.key(), status, failure.kind().word(), oneLine(failure.getMessage()),
                rounded(work.seconds), work.worker, Map.of(), Map.of(), Map.of(), Map.of());
    }

    Entry done(
            Work work,
            Map<String, List<Entry.Written>> files,
            Map<String, Entry.Written> tables,
            Map<String, Object> values) {
        return new Entry(work.item.name(), id, work.key(), BatchStatus.DONE, null, "", rounded(work.seconds), work.worker,
                files, tables, work.item.given(), values);
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 1e4) / 1e4;
    }

    private static String oneLine(String message) {
        return message == null
                ? ""
                : message.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining(" "));
    }

    /**
     * What is computed from now on is not what was begun with.
     *
     * @throws AlcoveException when the op file or the environment was changed meanwhile
     */
    void requireUnchanged() {
        if (!fingerprint().equals(fingerprint)) {
            throw new AlcoveException(ErrorKind.LOAD_FAILED,
                    "the op file or its environment was changed while the batch ran",
                    "run the batch again: all items will be done by what is there now", Map.of());
        }
    }
}
