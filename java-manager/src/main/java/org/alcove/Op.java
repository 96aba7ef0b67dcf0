package org.alcove;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** A Python function that can be called from here. Get one from {@link Alcove#op}; it may be used from any thread. */
public final class Op {
    static final long MILLISECONDS_OF_GRACE = 5000;

    private final Host host;
    private final WorkerPool workers;
    private final OpSource source;
    private final String name;
    private final Map<String, Object> descriptor;
    private final Function<Call, Launch> launch;
    private final Consumer<Progress> listener;

    /** {@code launch} makes what the op's worker needs, its environment above all, on behalf of a call. */
    Op(
            Host host,
            WorkerPool workers,
            OpSource source,
            String name,
            Map<String, Object> descriptor,
            Function<Call, Launch> launch,
            Consumer<Progress> listener) {
        this.host = host;
        this.workers = workers;
        this.source = source;
        this.name = name;
        this.descriptor = descriptor;
        this.launch = launch;
        this.listener = listener;
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
     * @param inputs values by parameter name: Boolean, integers, Double, Complex, String, Path, byte[], SharedArray, lists
     *     and maps
     * @return the outputs, to be closed
     * @throws AlcoveException when anything goes wrong, with a kind that says what
     */
    public Outputs call(Map<String, ?> inputs) {
        Call call = new Call(host, inputs, listener);
        dispatch(call);
        return call.await();
    }

    /** As {@link #call}, without waiting. The input arrays may be closed at once; they live until the call has ended. */
    public Call callAsync(Map<String, ?> inputs) {
        Call call = new Call(host, inputs, listener);
        host.executor().execute(() -> dispatch(call));
        return call;
    }

    /**
     * Makes what a call needs, so that the first one is fast: its environment, a worker in it, and the op file loaded.
     *
     * @throws AlcoveException as {@link #call} does
     */
    public void warmUp() {
        Call.around(host, listener, call -> workers.worker(launch.apply(call)).load(source, name, call, grace()));
    }

    /** A call on behalf of another, whose listener hears of it and whose cancel reaches it. */
    Outputs callFor(Call outer, Map<String, ?> inputs, Progress.Stage stage) {
        Call inner = new Call(
                host, inputs, progress -> outer.report(new Progress(stage, progress.fraction(), progress.message())));
        if (outer.begin(inner::cancel)) {
            inner.cancel();
        }
        dispatch(inner);
        return inner.await();
    }

    /** Brings the call to a worker; whatever hinders it ends the call. */
    private void dispatch(Call call) {
        try {
            if (call.isCancelled()) {
                throw new CancelledException("cancelled before it began");
            }
            Worker worker = workers.worker(launch.apply(call));
            String id = worker.load(source, name, call, grace());
            worker.call(id, call, grace(), new Answer(call, worker));
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
        private final Worker worker;

        Answer(Call call, Worker worker) {
            this.call = call;
            this.worker = worker;
        }

        @Override
        public void succeeded(Map<String, Object> result) {
            host.memory().keep(Tree.strings(result.get("kept")));
            // The outputs are taken over before the call drops its inputs: one may lie in the block of an input.
            call.succeed(outputs(result.get("outputs")));
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
            if (!worker.isAlive()) {
                call.spoilArrays();
            }
            call.fail(failure);
        }

        @Override
        public void unstarted(AlcoveException failure) {
            host.executor().execute(() -> dispatch(call));
        }

        @Override
        public void abandoned(AlcoveException failure) {
            call.spoilArrays();
            call.fail(failure);
        }

        @Override
        public void progress(Double fraction, String message) {
            call.report(Progress.of(Progress.Stage.OP, fraction, message));
        }
    }
}
