package org.alcove.batch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Parameter;

/**
 * An op over many items, as many at once as there are workers. Images are read ahead and outputs written behind while the
 * op computes; only a few are in memory at a time, however many items there are.
 *
 * <pre>{@code
 * BatchResult result = Batch.of(alcove, segment)
 *         .items(List.of(BatchItem.of("image", file, plate), ...))
 *         .set("sigma", 2.0)
 *         .output(Path.of("results"))
 *         .onProgress(progress -> show(progress))
 *         .run();
 * }</pre>
 *
 * <p>An item that fails costs one line of {@code report.csv}. Whatever ends the batch, be it a power cut, the same batch
 * again goes on where it was: a journal in the output folder says what is done. An item is done again when its image
 * files, its inputs, the op file or the environment have changed since, or when one of its files is missing.
 *
 * <p>Each method gives a changed copy.
 */
public final class Batch {
    private final Alcove alcove;
    private final Op op;
    private Iterable<BatchItem> items;
    private Path output;
    private Map<String, Object> common = Map.of();
    private int workers; // 0 for as many as the manager allows
    private String template = "{folder}/{stem}_{output}";
    private ReaderChoice reader;
    private Duration deadline;
    private BatchTables tables = BatchTables.CSV;
    private boolean retryFailed;
    private Consumer<BatchProgress> progressListener = progress -> {};
    private Consumer<BatchOutcome> outcomeListener = outcome -> {};

    private Batch(Alcove alcove, Op op) {
        this.alcove = Objects.requireNonNull(alcove);
        this.op = Objects.requireNonNull(op);
        this.reader = ReaderChoice.usual(alcove);
    }

    private Batch(Batch other) {
        alcove = other.alcove;
        op = other.op;
        items = other.items;
        output = other.output;
        common = other.common;
        workers = other.workers;
        template = other.template;
        reader = other.reader;
        deadline = other.deadline;
        tables = other.tables;
        retryFailed = other.retryFailed;
        progressListener = other.progressListener;
        outcomeListener = other.outcomeListener;
    }

    /** A batch of an op of this manager; it still needs {@link #items} and {@link #output}. */
    public static Batch of(Alcove alcove, Op op) {
        return new Batch(alcove, op);
    }

    /**
     * What the op is called with. The items are asked for while the batch runs, and never held all at once. A Collection
     * tells how many there are, and is looked through before anything runs: for names that occur twice, and outputs that
     * would be written over each other or over an input.
     */
    public Batch items(Iterable<BatchItem> items) {
        Batch copy = new Batch(this);
        copy.items = Objects.requireNonNull(items);
        return copy;
    }

    /** The folder for outputs, reports and the journal; it is made when it is missing. One batch at a time works in it. */
    public Batch output(Path folder) {
        Batch copy = new Batch(this);
        copy.output = folder.toAbsolutePath().normalize();
        return copy;
    }

    /** An input that all items have; what an item says itself counts more. */
    public Batch set(String input, Object value) {
        Batch copy = new Batch(this);
        copy.common = new LinkedHashMap<>(common);
        copy.common.put(Objects.requireNonNull(input), value);
        return copy;
    }

    /** How many items are computed at once, each in a worker of its own; as many as the manager has without this. */
    public Batch workers(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(count + " workers");
        }
        Batch copy = new Batch(this);
        copy.workers = count;
        return copy;
    }

    /**
     * What the files of outputs are called, relative to the output folder and without their ending; {@code
     * {folder}/{stem}_{output}} without this. {@code {folder}} and {@code {stem}} are the parts of the item's {@code
     * {name}}; {@code {number}} is its place, from 1; {@code {op}} and {@code {output}} are the names of those; and an
     * input in braces is its value, of a file the name without the ending.
     */
    public Batch naming(String template) {
        Batch copy = new Batch(this);
        copy.template = Objects.requireNonNull(template);
        return copy;
    }

    /**
     * Reads image files with an op, in an environment of its own: its first input is a path, its first array the image.
     *
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when it has no such input or output
     */
    public Batch reader(Op op) {
        Batch copy = new Batch(this);
        copy.reader = ReaderChoice.of(op);
        return copy;
    }

    /** Reads image files with this instead of the toolbox. */
    public Batch reader(BatchReader reader) {
        Batch copy = new Batch(this);
        copy.reader = ReaderChoice.of(reader);
        return copy;
    }

    /** How long the op may take for one item; one that takes longer has failed. */
    public Batch deadline(Duration perItem) {
        Batch copy = new Batch(this);
        copy.deadline = Objects.requireNonNull(perItem);
        return copy;
    }

    /** What becomes of tables; {@link BatchTables#CSV} without this. */
    public Batch tables(BatchTables way) {
        Batch copy = new Batch(this);
        copy.tables = Objects.requireNonNull(way);
        return copy;
    }

    /** Whether items that failed or were quarantined in an earlier run are tried again. */
    public Batch retryFailed(boolean again) {
        Batch copy = new Batch(this);
        copy.retryFailed = again;
        return copy;
    }

    /**
     * Who hears how far it is: at most ten times a second, the last time before the batch has ended, on a thread of the
     * batch's own. One that blocks keeps nothing but further reports from coming.
     */
    public Batch onProgress(Consumer<BatchProgress> listener) {
        Batch copy = new Batch(this);
        copy.progressListener = Objects.requireNonNull(listener);
        return copy;
    }

    /** Who hears of each item that ends in this run, in the order in which they end, on the thread of progress. */
    public Batch onOutcome(Consumer<BatchOutcome> listener) {
        Batch copy = new Batch(this);
        copy.outcomeListener = Objects.requireNonNull(listener);
        return copy;
    }

    /**
     * What would be done with each item, in their order. No item is run and no file written; the environment is made
     * where it is missing.
     *
     * @throws AlcoveException as {@link BatchRun#await}
     */
    public List<BatchPlanned> plan() {
        requireWhole();
        return Planning.plan(this);
    }

    /**
     * Begins, and returns at once.
     *
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when items or output are missing, when the template or an
     *     input's name is wrong, or a needed input is given by nobody
     */
    public BatchRun start() {
        requireWhole();
        return BatchRun.begin(this);
    }

    /** As {@link #start}, and waits for the end. */
    public BatchResult run() {
        return start().await();
    }

    private void requireWhole() {
        if (items == null || output == null) {
            throw wrong("a batch needs items and an output folder", "call items(...) and output(...)");
        }
        naming();
        for (String name : common.keySet()) {
            if (op.inputs().stream().noneMatch(input -> input.name().equals(name))) {
                throw wrong(op.name() + " has no input " + name,
                        "it takes " + String.join(", ", op.inputs().stream().map(Parameter::name).toList()));
            }
        }
    }

    static AlcoveException wrong(String message, String hint) {
        return new AlcoveException(ErrorKind.INVALID_PARAMS, message, hint, Map.of());
    }

    Alcove alcove() {
        return alcove;
    }

    /** The op as this batch calls it. */
    Op op() {
        Op mine = workers == 0 ? op : op.workers(workers);
        return deadline == null ? mine : mine.within(deadline);
    }

    Iterator<BatchItem> iterator() {
        return items.iterator();
    }

    Iterable<BatchItem> items() {
        return items;
    }

    Path output() {
        return output;
    }

    Map<String, Object> common() {
        return common;
    }

    /** How many items are computed at once; at most, where the manager has fewer workers. */
    int atOnce() {
        return workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
    }

    Naming naming() {
        return new Naming(template, op);
    }

    ReaderChoice reader() {
        return reader;
    }

    BatchTables tables() {
        return tables;
    }

    boolean retriesFailed() {
        return retryFailed;
    }

    Consumer<BatchProgress> progressListener() {
        return progressListener;
    }

    Consumer<BatchOutcome> outcomeListener() {
        return outcomeListener;
    }
}
