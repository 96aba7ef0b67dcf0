package org.alcove;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/** A Python function that can be called from here. Get one from {@link Alcove#op}; it may be used from any thread. */
public final class Op {
    static final long MILLISECONDS_OF_GRACE = 5000;
    private static final long SECONDS_TO_END = 10;

    private final Host host;
    private final WorkerPool workers;
    private final OpSource source;
    private final String name;
    private final Map<String, Object> descriptor;
    private final Function<Call, Launch> launch;
    private final Consumer<Progress> listener;
    private final Adaptation adaptation;

    /** {@code launch} makes what the op's worker needs, its environment above all, on behalf of a call. */
    Op(
            Host host,
            WorkerPool workers,
            OpSource source,
            String name,
            Map<String, Object> descriptor,
            Function<Call, Launch> launch,
            Consumer<Progress> listener) {
        this(host, workers, source, name, descriptor, launch, listener, Adaptation.LOSSLESS);
    }

    private Op(
            Host host,
            WorkerPool workers,
            OpSource source,
            String name,
            Map<String, Object> descriptor,
            Function<Call, Launch> launch,
            Consumer<Progress> listener,
            Adaptation adaptation) {
        this.host = host;
        this.workers = workers;
        this.source = source;
        this.name = name;
        this.descriptor = descriptor;
        this.launch = launch;
        this.listener = listener;
        this.adaptation = adaptation;
    }

    /** The same op, whose calls make arrays fit in this way; {@link Adaptation#LOSSLESS} is the usual one. */
    public Op adapting(Adaptation way) {
        return new Op(host, workers, source, name, descriptor, launch, listener, Objects.requireNonNull(way));
    }

    /** The op's name, unique in its file. */
    public String name() {
        return name;
    }

    /** A name for menus. */
    public String title() {
        return String.valueOf(descriptor.getOrDefault("title", name));
    }

    /** What the op does, from its docstring; may be empty. */
    public String description() {
        return String.valueOf(descriptor.getOrDefault("description", ""));
    }

    /** What it takes, in the order of its signature. */
    public List<Parameter> inputs() {
        return parameters("inputs");
    }

    /** What it returns. */
    public List<Parameter> outputs() {
        return parameters("outputs");
    }

    /** The whole descriptor as JSON's types. */
    public Map<String, Object> descriptor() {
        return descriptor;
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
        Inputs checked = Inputs.of(descriptor, inputs);
        Call call = new Call(host, checked, listener);
        dispatch(call, new Task.Run(checked));
        return call.await();
    }

    /**
     * As {@link #call}, without waiting, except that inputs which do not fit are refused at once. The input arrays may be
     * closed at once; they live until the call has ended.
     */
    public Call callAsync(Map<String, ?> inputs) {
        Inputs checked = Inputs.of(descriptor, inputs);
        Call call = new Call(host, checked, listener);
        host.executor().execute(() -> dispatch(call, new Task.Run(checked)));
        return call;
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
        return map(new RowsTask(descriptor, columns, rows, common, false));
    }

    /**
     * As {@link #map}, but the first row that fails ends it.
     *
     * @throws AlcoveException what the row failed with, its index as {@code row} in {@link AlcoveException#data()}
     */
    public Rows mapOrThrow(List<String> columns, List<? extends List<?>> rows, Map<String, ?> common) {
        return map(new RowsTask(descriptor, columns, rows, common, true));
    }

    private Rows map(RowsTask task) {
        return Call.around(host, listener, outer -> {
            while (task.hasNext()) {
                task.next();
                try {
                    Call inner = inner(outer, task.common(), progress -> report(outer, task, progress));
                    dispatch(inner, task);
                    inner.await().close();
                } catch (AlcoveException failure) {
                    throw task.located(failure);
                }
            }
            return task.rows();
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
        Call call = new Call(host, Inputs.of(descriptor, values, files.keySet()), listener);
        host.executor().execute(() -> attempt(call, () -> {
            call.succeed(Launch.using(
                    () -> launch.apply(call),
                    start -> new RunOnce(host, start, call, grace())
                            .run(source.value() + ":" + name, adaptation, files, folder)));
        }));
        return call;
    }

    /**
     * Makes what a call needs, so that the first one is fast: its environment, a worker in it, and the op file loaded.
     *
     * @throws AlcoveException as {@link #call} does
     */
    public void warmUp() {
        Call.around(host, listener, this::loaded);
    }

    /** As {@link #call}, with progress of this stage. */
    Outputs callAs(Progress.Stage stage, Map<String, ?> inputs) {
        return callAs(stage, inputs, listener);
    }

    /** As {@link #call}, with a listener that hears of progress of this stage. */
    Outputs callAs(Progress.Stage stage, Map<String, ?> inputs, Consumer<Progress> listener) {
        return Call.around(host, listener, outer -> callFor(outer, inputs, stage));
    }

    /**
     * A call on behalf of another, whose listener hears of it and whose cancel reaches it. When its thread is interrupted,
     * it throws once the call has ended: nothing of it goes on then.
     */
    Outputs callFor(Call outer, Map<String, ?> inputs, Progress.Stage stage) {
        Inputs checked = Inputs.of(descriptor, inputs);
        Call inner = inner(outer, checked,
                progress -> outer.report(progress.stage() == Progress.Stage.OP ? progress.as(stage) : progress));
        dispatch(inner, new Task.Run(checked));
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
        Call inner = new Call(host, inputs, progress);
        if (outer.begin(inner::cancel)) {
            inner.cancel();
        }
        return inner;
    }

    /** Brings the call to a worker. */
    private void dispatch(Call call, Task task) {
        attempt(call, () -> {
            Loaded op = loaded(call);
            op.worker.run(task, op.id, adaptation, call, grace(), new Answer(call, task, op.worker));
        });
    }

    /** The op in a worker that has loaded it. */
    private record Loaded(Worker worker, String id) {}

    private Loaded loaded(Call call) {
        while (true) {
            Worker worker = Launch.using(() -> launch.apply(call), workers::worker);
            try {
                return new Loaded(worker, worker.load(source, name, call, grace()));
            } catch (AlcoveException failure) {
                if (!worker.isRetired()) {
                    throw failure;
                } // else its environment was updated between the two; another one has the new version
            }
        }
    }

    /** Does something for a call; whatever hinders it ends the call. */
    private static void attempt(Call call, Runnable work) {
        try {
            if (call.isCancelled()) {
                throw new CancelledException("cancelled before it began");
            }
            work.run();
        } catch (AlcoveException failure) {
            call.fail(failure);
        } catch (RuntimeException | Error failure) {
            // The end of Alcove cancels what is under way, and takes from it what it needs.
            call.fail(call.isCancelled()
                    ? new CancelledException("cancelled before it began")
                    : new AlcoveException(ErrorKind.INVALID_PARAMS, "the call could not be sent: " + failure, null));
        }
    }

    private long grace() {
        Double seconds = Tree.decimal(descriptor.get("grace"));
        return seconds == null ? MILLISECONDS_OF_GRACE : (long) (seconds * 1000);
    }

    private List<Parameter> parameters(String member) {
        return Tree.list(descriptor.get(member)).stream()
                .map(value -> new Parameter(Tree.object(value)))
                .toList();
    }

    /** Takes the answer to a call, on the worker's reading thread. */
    private final class Answer implements Requests.Requester {
        private final Call call;
        private final Task task;
        private final Worker worker;

        Answer(Call call, Task task, Worker worker) {
            this.call = call;
            this.task = task;
            this.worker = worker;
        }

        @Override
        public void succeeded(Map<String, Object> result) {
            host.memory().keep(Tree.strings(result.get("kept")));
            // The outputs are taken over before the call drops its inputs: one may lie in the block of an input.
            call.succeed(outputs(task.outputs(result)));
        }

        private Outputs outputs(Object value) {
            Map<String, Block> blocks = new HashMap<>();
            try {
                Values.blocksIn(value).forEach(name -> blocks.put(name, host.memory().borrow(name, worker, call.blocks())));
                return new Outputs(Tree.object(Values.read(value, host.memory(), blocks)));
            } finally {
                // Each array has become a user of its own. From here on closing it gives the block back at once.
                blocks.values().forEach(host.memory()::unuse);
            }
        }

        @Override
        public void failed(AlcoveException failure) {
            host.memory().keep(Tree.strings(failure.data().get("kept")));
            // One that lies is ended, but until then may write to what it had.
            if (!worker.isAlive() || failure.kind() == ErrorKind.PROTOCOL_VIOLATION) {
                call.spoilArrays();
            }
            if (failure.kind() == ErrorKind.OUT_OF_SHARED_MEMORY) {
                host.executor().execute(() -> {
                    host.memory().makeRoom(); // so that the next try may succeed
                    call.fail(failure);
                });
                return;
            }
            call.fail(failure);
        }

        @Override
        public void unstarted(AlcoveException failure) {
            host.executor().execute(() -> dispatch(call, task));
        }

        @Override
        public void abandoned(AlcoveException failure) {
            call.spoilArrays();
            call.fail(failure);
        }

        @Override
        public void progress(Double fraction, String message, Map<String, Object> details) {
            call.report(Progress.of(Progress.Stage.OP, fraction, message, details));
        }
    }
}
