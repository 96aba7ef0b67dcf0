package org.alcove;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A Python function that can be called from here. Get one from {@link Alcove#op}; it may be used from any thread. */
public final class Op {
    private static final long SECONDS_TO_END = 10;

    private final Callee callee;
    private final Consumer<Progress> listener;
    private final CallSettings settings;

    /** {@code launch} makes what the op's worker needs, its environment above all, on behalf of a call. */
    Op(
            Host host,
            WorkerPool workers,
            OpSource source,
            String name,
            Map<String, Object> descriptor,
            LaunchLook launch,
            Consumer<Progress> listener) {
        this(new Callee(host, workers, source, name, descriptor, new Preparation(host, launch)), listener, CallSettings.USUAL);
    }

    private Op(Callee callee, Consumer<Progress> listener, CallSettings settings) {
        this.callee = callee;
        this.listener = listener;
        this.settings = settings;
    }

    private Op with(CallSettings changed) {
        return new Op(callee, listener, changed);
    }

    /** The same op, whose calls make arrays fit in this way; {@link Adaptation#LOSSLESS} is the usual one. */
    public Op adapting(Adaptation way) {
        return with(settings.with(Objects.requireNonNull(way)));
    }

    /**
     * The same op, whose runs may take so long, counted from when a worker begins with one: not while it waits for a worker,
     * nor while an environment is made. One that takes longer is ended as by {@link Call#cancel()} and fails with {@link
     * ErrorKind#DEADLINE_EXCEEDED}. With {@link #map} each row is a run; {@link #runOnce} counts from the start of its process.
     */
    public Op within(Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("a deadline of " + time);
        }
        return with(settings.within(time));
    }

    /**
     * The same op, whose calls have at most so many workers at a time: each a process, which runs one call after the other.
     * The largest number counts while calls of several copies wait; without one, {@link Settings#workers} does.
     */
    public Op workers(int most) {
        if (most < 1) {
            throw new IllegalArgumentException(most + " workers");
        }
        return with(settings.withWorkers(most));
    }

    /**
     * The same op, whose calls count as this caller's. Callers that wait for workers of the same kind take turns, however
     * many calls each has queued. Without one, each thread that calls is a caller of its own.
     *
     * @param caller any object; callers are the same when they are equal
     */
    public Op onBehalfOf(Object caller) {
        return with(settings.onBehalfOf(Objects.requireNonNull(caller)));
    }

    /** The op's name, unique in its file. */
    public String name() {
        return callee.name();
    }

    /** A name for menus. */
    public String title() {
        return String.valueOf(descriptor().getOrDefault("title", name()));
    }

    /** What the op does, from its docstring; may be empty. */
    public String description() {
        return String.valueOf(descriptor().getOrDefault("description", ""));
    }

    /** What it takes, in the order of its signature. */
    public List<Parameter> inputs() {
        return parameters("inputs");
    }

    /** What it returns. */
    public List<Parameter> outputs() {
        return parameters("outputs");
    }

    /** The op file that it is from, as an absolute path; empty for one of Alcove's own. */
    public Optional<Path> file() {
        return callee.source().files().stream().findFirst();
    }

    /** The whole descriptor as JSON's types. */
    public Map<String, Object> descriptor() {
        return callee.descriptor();
    }

    /**
     * A text that changes when what a call does may have changed: with the op file, the local files that it is known to
     * import, the content of the op's environment, and {@link #adapting}. The environment is made first where it is
     * missing. Meant for programs that keep results: what was computed under the same fingerprint need not be again.
     *
     * @throws AlcoveException as {@link #call} does
     */
    public String fingerprint() {
        Launch start = Call.around(callee.host(), listener, callee.preparation()::now);
        return EnvironmentFile.digest(String.join(
                        "\n", callee.source().digest(), name(), start.contentName(), String.valueOf(settings.adaptation()))
                .getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Calls the op and waits. Its environment is made first where it is missing, which can take minutes.
     *
     * <p>Inputs are checked first: one that does not fit is refused before an environment is made or anything is sent. An
     * array that the op changes ({@link Parameter#direction}) is yours again, changed, when the call has ended; until then
     * nothing else may be done with it.
     *
     * @param inputs values by parameter name:
     *     <ul>
     *       <li>null, Boolean, String, byte[], SharedArray, {@link Table}, {@link Complex}, Path (sent as its absolute path);
     *       <li>Byte, Short, Integer, Long and BigInteger of at most 1000 digits as integers;
     *       <li>Float, Double and BigDecimal, which is rounded to the nearest double, as floats;
     *       <li>Character and any other CharSequence as a string, an Enum as its name;
     *       <li>collections and Java arrays of these as lists, maps as objects; their keys are texts, characters or enums.
     *     </ul>
     *     They are copied, arrays apart: what you change after this method began changes nothing
     * @return the outputs, to be closed
     * @throws AlcoveException when anything goes wrong, with a kind that says what
     */
    public Outputs call(Map<String, ?> inputs) {
        Inputs checked = callee.signature().inputs(inputs);
        Call call = begun(checked);
        run(call, new Task.Run(checked));
        return call.await();
    }

    /**
     * As {@link #call}, without waiting, except that inputs which do not fit are refused at once, and that it waits for room
     * while a thousand calls of this caller wait for a worker ({@link Settings#queueLength}). The input arrays may be closed
     * at once; they live until the call has ended.
     *
     * @throws AlcoveException also when the thread is interrupted while it waits for room
     */
    public Call callAsync(Map<String, ?> inputs) {
        return callAsync(inputs, null);
    }

    /**
     * As {@link #callAsync(Map)}, with a listener that hears of all progress.
     *
     * @param listener as {@link Call#onProgress} takes it
     */
    public Call callAsync(Map<String, ?> inputs, Consumer<Progress> listener) {
        Inputs checked = callee.signature().inputs(inputs);
        Object caller = settings.caller() == null ? Thread.currentThread() : settings.caller();
        callee.workers().backlog().enter(caller);
        try {
            Call call = begun(checked);
            if (listener != null) {
                call.onProgress(listener);
            }
            new OpRun(callee, settings, call, new Task.Run(checked)).runLater();
            return call;
        } catch (RuntimeException | Error e) {
            callee.workers().backlog().leave(caller);
            throw e;
        }
    }

    /**
     * Calls the op once for each row and waits: for small ops in long loops, where a call each would cost more than the op
     * does. A row that fails does not keep the others from being done. Interrupting the thread cancels it.
     *
     * @param columns which inputs the rows give
     * @param rows for each its inputs, in the order of {@code columns}; scalars, no arrays
     * @param common the inputs that all rows have, as {@link #call} takes them
     * @throws AlcoveException when anything but a row goes wrong
     */
    public Rows map(List<String> columns, List<? extends List<?>> rows, Map<String, ?> common) {
        return map(columns, rows, common, false);
    }

    /**
     * As {@link #map}, but the first row that fails ends it.
     *
     * @throws AlcoveException what the row failed with, its index as {@code row} in {@link AlcoveException#data()}
     */
    public Rows mapOrThrow(List<String> columns, List<? extends List<?>> rows, Map<String, ?> common) {
        return map(columns, rows, common, true);
    }

    private Rows map(List<String> columns, List<? extends List<?>> rows, Map<String, ?> common, boolean stops) {
        Set<String> floats = inputs().stream()
                .filter(input -> input.type().equals("float"))
                .map(Parameter::name)
                .collect(Collectors.toSet());
        ListedRows listed = new ListedRows(callee.host().memory(), columns, floats, rows);
        RowsTask task = new RowsTask(descriptor(), columns, common, stops, listed, listed);
        runAll(task);
        return new Rows(task.outputs(), listed.results(), task.errors());
    }

    /**
     * As {@link #map} for rows of numbers that lie in arrays, the fastest way: calls the op once for each position in them.
     * Its outputs are arrays as well, for as long as they are numbers or booleans.
     *
     * @param columns by the name of an input a SharedArray of one dimension, or a Java array of numbers or booleans ({@code
     *     byte[]} as INT8), all of one length; the op gets Python's own numbers
     * @param common the inputs that all rows have, as {@link #call} takes them
     * @return the outputs, to be closed
     * @throws AlcoveException when anything but a row goes wrong
     */
    public Columns mapArrays(Map<String, ?> columns, Map<String, ?> common) {
        return mapArrays(columns, common, false);
    }

    /**
     * As {@link #mapArrays}, but the first row that fails ends it.
     *
     * @throws AlcoveException what the row failed with, its index as {@code row} in {@link AlcoveException#data()}
     */
    public Columns mapArraysOrThrow(Map<String, ?> columns, Map<String, ?> common) {
        return mapArrays(columns, common, true);
    }

    private Columns mapArrays(Map<String, ?> columns, Map<String, ?> common, boolean stops) {
        Map<String, Object> given = new LinkedHashMap<>(columns);
        try (ArrayRows rows = new ArrayRows(callee.host().memory(), given);
                CollectedColumns outputs = new CollectedColumns(callee.host().memory(), descriptor(), rows.size())) {
            RowsTask task = new RowsTask(descriptor(), List.copyOf(given.keySet()), common, stops, rows, outputs);
            runAll(task);
            return new Columns(outputs.taken(), task.errors());
        }
    }

    /** Calls the op for all rows of a task, on this thread. */
    private void runAll(RowsTask task) {
        Call.around(callee.host(), listener, outer -> {
            while (task.hasNext()) {
                Inputs held = task.next();
                try {
                    Call inner = inner(outer, held, progress -> report(outer, task, progress));
                    run(inner, task);
                    try (Outputs answer = inner.await()) {
                        task.take(answer);
                    }
                } catch (AlcoveException failure) {
                    throw task.located(failure);
                } finally {
                    task.end();
                }
            }
            return null;
        });
    }

    private static void report(Call outer, RowsTask task, Progress progress) {
        boolean ofRows = progress.stage() == Progress.Stage.OP && progress.fraction().isPresent();
        outer.report(ofRows
                ? Progress.of(
                        progress.stage(),
                        task.fraction(progress.fraction().getAsDouble()),
                        progress.message(),
                        progress.details())
                : progress);
    }

    /**
     * Calls the op in a fresh process that ends with the call, and waits: for an op that keeps memory or a graphics card
     * to itself, or as a check that it works on its own. A usual call is faster, because its worker stays.
     *
     * @param inputs as for {@link #call}; an array may also be the Path of a {@code .npy} file, or of a {@code .tif} file
     *     where the op's environment has tifffile
     * @param folder where the arrays that come out are written, each to a file of its output's name; made when missing
     * @return the outputs; each array is the Path of its file
     * @throws AlcoveException as {@link #call} does
     */
    public Outputs runOnce(Map<String, ?> inputs, Path folder) {
        return runOnceAsync(inputs, folder).await();
    }

    /** As {@link #runOnce}, without waiting. The input arrays may be closed at once; they live until the call has ended. */
    public Call runOnceAsync(Map<String, ?> inputs, Path folder) {
        Map<String, Path> files = new LinkedHashMap<>();
        Map<String, Object> values = new LinkedHashMap<>(inputs);
        for (Parameter input : inputs()) {
            if (input.type().equals("array") && values.get(input.name()) instanceof Path file) {
                files.put(input.name(), file);
                values.remove(input.name());
            }
        }
        Call call = begun(callee.signature().inputs(values, files.keySet()));
        callee.host().soon(() -> runOnce(call, files, folder));
        return call;
    }

    /**
     * Makes what a call needs, so that the first one is fast: its environment, a worker in it, and the op file loaded.
     *
     * @throws AlcoveException as {@link #call} does
     */
    public void warmUp() {
        warmUp(1);
    }

    /**
     * As {@link #warmUp()}, with several workers: for calls that come at the same time.
     *
     * @param count how many are wanted; not more are started than the op may have
     */
    public void warmUp(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(count + " workers");
        }
        Call.around(callee.host(), listener, call -> {
            new WarmUp(callee, settings, call).run(count);
            return null;
        });
    }

    /** As {@link #call}, with progress of this stage. */
    Outputs callAs(Progress.Stage stage, Map<String, ?> inputs) {
        return callAs(stage, inputs, listener);
    }

    /** As {@link #call}, with a listener that hears of progress of this stage. */
    Outputs callAs(Progress.Stage stage, Map<String, ?> inputs, Consumer<Progress> listener) {
        return Call.around(callee.host(), listener, outer -> callFor(outer, inputs, stage));
    }

    /**
     * A call on behalf of another, whose listener hears of it and whose cancel reaches it. When its thread is interrupted,
     * it throws once the call has ended: nothing of it goes on then.
     */
    Outputs callFor(Call outer, Map<String, ?> inputs, Progress.Stage stage) {
        Inputs checked = callee.signature().inputs(inputs);
        Call inner = inner(outer, checked,
                progress -> outer.report(progress.stage() == Progress.Stage.OP ? progress.as(stage) : progress));
        run(inner, new Task.Run(checked));
        try {
            return inner.await();
        } catch (CancelledException cancelled) {
            if (Thread.currentThread().isInterrupted()) {
                Uninterrupted.call(() -> inner.awaitEnd(SECONDS_TO_END));
            }
            throw cancelled;
        }
    }

    private Call inner(Call outer, Inputs inputs, Consumer<Progress> progress) {
        Call inner = outer.inner(name(), inputs, progress);
        if (settings.deadline() != null) {
            inner.deadline(settings.deadline());
        }
        return inner;
    }

    private Call begun(Inputs inputs) {
        Call call = new Call(callee.host(), name(), inputs, listener);
        if (settings.deadline() != null) {
            call.deadline(settings.deadline());
        }
        return call;
    }

    private void run(Call call, Task task) {
        new OpRun(callee, settings, call, task).run();
    }

    private void runOnce(Call call, Map<String, Path> files, Path folder) {
        try {
            call.succeed(Launch.using(
                    () -> callee.preparation().now(call),
                    start -> new RunOnce(callee.host(), start, call, callee.grace())
                            .run(callee.source().value() + ":" + name(), settings.adaptation(), files, folder)));
        } catch (AlcoveException failure) {
            call.fail(failure);
        } catch (RuntimeException | Error failure) {
            call.fail(OpRun.unsendable(callee.host(), call, failure));
        }
    }

    private List<Parameter> parameters(String member) {
        return Tree.list(descriptor().get(member)).stream()
                .map(value -> new Parameter(Tree.object(value)))
                .toList();
    }
}
