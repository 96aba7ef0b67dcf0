package org.alcove;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A Python process that runs ops, from its start to its end. However it ends, every request gets its answer. */
final class Worker {
    static final int PROTOCOL = 1;
    static final int MAX_LINE_BYTES = 16 << 20;
    private static final long SECONDS_TO_START = 60;
    private static final long SECONDS_TO_STOP = 5;
    private static final long MILLISECONDS_TO_DRAIN = 1000;

    private final Launch launch;
    private final Host host;
    private final SharedMemory memory;
    private final String prefix;
    private final Map<OpSource, Loaded> loaded = new HashMap<>();
    private final CancellableLock loading = new CancellableLock(); // guards the above, while an op file is loaded too
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private Process process;
    private BoundedLog log;
    private Connection connection;
    private Requests requests;
    private volatile boolean ready;
    private volatile boolean retired;
    private volatile AlcoveException killedBecause;

    private record Loaded(Object version, List<Object> descriptors) {}

    private Worker(Launch launch, Host host, String prefix) {
        this.launch = launch;
        this.host = host;
        this.memory = host.memory();
        this.prefix = prefix;
    }

    /**
     * Starts the process and waits until it says that it is there.
     *
     * @throws AlcoveException {@link ErrorKind#START_FAILED} with the command, the exit code and the last of stderr
     */
    static Worker start(Launch launch, Host host, String prefix) {
        return start(launch, host, prefix, SECONDS_TO_START);
    }

    static Worker start(Launch launch, Host host, String prefix, long secondsToStart) {
        Worker worker = new Worker(launch, host, prefix);
        worker.startProcess();
        try {
            worker.initialize(secondsToStart);
        } catch (RuntimeException e) {
            worker.kill(null);
            throw e;
        }
        return worker;
    }

    String prefix() {
        return prefix;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return !gone.isDone() && process.isAlive() && killedBecause == null && !retired;
    }

    /** Gives an op, by its id, a task on behalf of a call, whose cancel gives it {@code grace} milliseconds. */
    void run(Task task, String op, Adaptation adaptation, Call call, long grace, Requests.Requester answer) {
        requests.send(task.method(), params(task, op, adaptation), answer, call::isCancelled, id -> listenTo(call, id, grace));
    }

    static Json.Writer params(Task task, String op, Adaptation adaptation) {
        return json -> {
            json.writeStartObject();
            json.writeStringField("op", op);
            task.write(json);
            if (adaptation != Adaptation.LOSSLESS) {
                json.writeStringField("adapt", adaptation.word());
            }
            json.writeEndObject();
        };
    }

    /** The id of an op; its source is loaded first where it was not, or where it has changed. */
    String load(OpSource source, String name, Call call, long grace) {
        List<String> known = new ArrayList<>();
        for (Object descriptor : descriptors(source, call, grace)) {
            Map<String, Object> members = Tree.object(descriptor);
            known.add(String.valueOf(members.get("name")));
            if (name.equals(members.get("name"))) {
                return String.valueOf(members.get("id"));
            }
        }
        throw OpSource.notFound(source, name, known);
    }

    /** The descriptors of all ops of a source, which is loaded first where it was not, or where it has changed. */
    List<Object> descriptors(OpSource source, Call call, long grace) {
        Object version = source.version();
        loading.lock(call::isCancelled, "another call loads the op file");
        try {
            Loaded before = loaded.get(source);
            if (before == null || !before.version.equals(version)) {
                before = new Loaded(version, askToLoad(source, call, grace));
                loaded.put(source, before);
            }
            return before.descriptors;
        } finally {
            loading.unlock();
        }
    }

    /** No deadline: it waits for the op that runs, and for imports that take what they take. A cancel ends it. */
    private List<Object> askToLoad(OpSource source, Call call, long grace) {
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        requests.send("load", json -> {
            json.writeStartObject();
            json.writeStringField(source.member(), source.value());
            json.writeEndObject();
        }, completing(answer, Worker::requireOps), call::isCancelled, id -> listenTo(call, id, grace));
        try {
            return Tree.list(await(answer, Long.MAX_VALUE).get("ops"));
        } catch (TimeoutException never) {
            throw new IllegalStateException(never);
        }
    }

    private static void requireOps(Map<String, Object> result) {
        boolean known = result.get("ops") instanceof List<?> ops
                && ops.stream().map(Tree::object).allMatch(op -> op.get("name") instanceof String && op.get("id") instanceof String);
        if (!known) {
            throw Connection.violation("a list of ops that is none");
        }
    }

    /** Lets a cancel of the call reach the request. */
    private void listenTo(Call call, long request, long grace) {
        if (call.begin(() -> cancel(request, grace))) {
            throw new CancelledException("cancelled before it began");
        }
    }

    /** Asks, and after the grace time ends what did not listen. Whoever cancels shall not wait for a full pipe. */
    private void cancel(long request, long grace) {
        host.executor().execute(() -> requests.cancel(request));
        host.later(grace, () -> {
            String reason = "cancelled; it did not listen, so its worker was ended";
            if (requests.abandon(request, new CancelledException(reason))) {
                kill(new AlcoveException(
                        ErrorKind.WORKER_DIED,
                        "the worker for " + launch.name() + " was ended: another call did not listen to its cancel",
                        "call again"));
            }
        });
    }

    void release(List<String> blocks) {
        notifyBlocks("release", blocks);
    }

    void forget(List<String> blocks) {
        notifyBlocks("forget", blocks);
    }

    /** Stops it as soon as it has nothing to do. What comes after that is turned away, as after its end. */
    void retire() {
        AlcoveException reason = new AlcoveException(
                ErrorKind.WORKER_DIED,
                "the worker for " + launch.name() + " was ended: its environment was updated",
                "call again");
        requests.endWhenIdle(reason, () -> {
            retired = true;
            host.executor().execute(this::stop);
        });
    }

    /** Whether it was stopped because it was outdated and had nothing to do. */
    boolean isRetired() {
        return retired;
    }

    /** Asks it to stop, and makes it within some seconds. Returns at once; the future is done when it is gone. */
    CompletableFuture<Void> stop() {
        // What its ops have started and left running cannot be found any more once it is gone.
        List<ProcessHandle> descendants = process.descendants().toList();
        host.executor().execute(connection::closeOutput); // which waits for whoever is still writing
        return CompletableFuture.runAsync(
                () -> {
                    if (!endsWithin(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
                        ProcessTree.end(process);
                    }
                    descendants.forEach(ProcessHandle::destroyForcibly);
                    gone.copy().completeOnTimeout(null, SECONDS_TO_STOP, TimeUnit.SECONDS).join();
                },
                host.executor());
    }

    private boolean endsWithin(long duration, TimeUnit unit) {
        try {
            return process.waitFor(duration, unit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends it at once, with the children that its ops may have left; {@code because} is what its running call fails with. */
    void kill(AlcoveException because) {
        if (killedBecause == null) {
            killedBecause = because == null ? died() : because;
        }
        ProcessTree.kill(process);
    }

    private void startProcess() {
        process = launch.start(launch.processBuilder(), "the worker");
        log = new BoundedLog(process.getErrorStream(), launch.name());
        connection = new Connection(
                process.getInputStream(), process.getOutputStream(), MAX_LINE_BYTES, launch.name(), new Ears());
        requests = new Requests(connection);
        connection.start();
        process.onExit().thenRunAsync(this::processEnded, host.executor());
    }

    private void initialize(long secondsToStart) {
        Path directory = launch.environmentDirectory();
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        requests.send("initialize", json -> {
            json.writeStartObject();
            json.writeNumberField("protocol", PROTOCOL);
            json.writeObjectFieldStart("host");
            json.writeStringField("name", "alcove-java");
            json.writeStringField("version", Alcove.version());
            json.writeNumberField("pid", ProcessHandle.current().pid());
            json.writeEndObject();
            json.writeObjectFieldStart("memory");
            json.writeStringField("directory", memory.directory().toString());
            json.writeStringField("prefix", prefix);
            json.writeNumberField("quota_bytes", memory.quotaBytes());
            json.writeEndObject();
            if (directory != null) {
                json.writeObjectFieldStart("environment");
                json.writeStringField("directory", directory.toString());
                json.writeEndObject();
            }
            json.writeNumberField("max_line_bytes", MAX_LINE_BYTES);
            json.writeStringField("log_level", "info");
            json.writeEndObject();
        }, completing(answer, result -> {}), () -> false, id -> {});
        Object protocol = started(answer, secondsToStart).get("protocol");
        if (!Long.valueOf(PROTOCOL).equals(protocol)) {
            throw new AlcoveException(
                    ErrorKind.UNSUPPORTED_PROTOCOL,
                    "the worker speaks protocol " + protocol + ", this host protocol " + PROTOCOL,
                    "use a worker and a host of one version of Alcove");
        }
        ready = true;
    }

    private Map<String, Object> started(CompletableFuture<Map<String, Object>> answer, long secondsToStart) {
        try {
            return await(answer, secondsToStart);
        } catch (TimeoutException e) {
            throw new AlcoveException(
                    ErrorKind.START_FAILED,
                    "the worker for " + launch.name() + " did not answer within " + secondsToStart + " s of its start",
                    "try again; if it happens always, look at the worker's last lines",
                    report(null));
        }
    }

    /** {@code check} throws when the result is none. */
    private static Requests.Requester completing(
            CompletableFuture<Map<String, Object>> answer, Consumer<Map<String, Object>> check) {
        return new Requests.Requester() {
            @Override
            public void succeeded(Map<String, Object> result) {
                check.accept(result);
                answer.complete(result);
            }

            @Override
            public void failed(AlcoveException failure) {
                answer.completeExceptionally(failure);
            }
        };
    }

    private static Map<String, Object> await(CompletableFuture<Map<String, Object>> answer, long seconds)
            throws TimeoutException {
        try {
            return answer.get(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while waiting for the worker");
        } catch (ExecutionException e) {
            throw ((AlcoveException) e.getCause()).thrownHere();
        }
    }

    private void notifyBlocks(String method, List<String> blocks) {
        requests.notify(method, json -> {
            json.writeStartObject();
            json.writeFieldName("blocks");
            Values.write(json, blocks, "blocks");
            json.writeEndObject();
        });
    }

    /** The process has ended; replies that it wrote before are still in the pipe. */
    private void processEnded() {
        try {
            connection.awaitEnd(MILLISECONDS_TO_DRAIN);
            log.awaitEnd(MILLISECONDS_TO_DRAIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        AlcoveException failure = killedBecause != null ? killedBecause : died();
        memory.workerGone(this, prefix);
        requests.workerGone(failure);
        gone.complete(null); // last of all: who waits for it closes what the others need
        connection.closeOutput();
    }

    private AlcoveException died() {
        Integer exitCode = process.isAlive() ? null : process.exitValue();
        String how = exitCode == null ? "closed its output" : "ended: " + ProcessTree.describeExit(exitCode);
        return new AlcoveException(
                ready ? ErrorKind.WORKER_DIED : ErrorKind.START_FAILED,
                "the worker for " + launch.name() + " " + how + log.lastWords(),
                ready
                        ? "the op, or a library that it uses, ended the process; the next call starts a new worker"
                        : "remove the environment and try again; details are in the worker's last lines",
                report(exitCode));
    }

    private Map<String, Object> report(Integer exitCode) {
        Map<String, Object> report = new HashMap<>();
        report.put("command", launch.processBuilder().command());
        report.put("exit_code", exitCode);
        report.put("stderr", log.lines());
        return report;
    }

    /** Listens to the connection, on its reading thread. */
    private final class Ears implements Connection.Listener {
        @Override
        public void received(Map<String, Object> message) {
            requests.received(message, blocks -> memory.forgotten(blocks, Worker.this));
        }

        @Override
        public void ended(AlcoveException violation) {
            // A process that has closed its stdout but lives on is of no use to anybody.
            if (violation != null || !endsWithin(MILLISECONDS_TO_DRAIN, TimeUnit.MILLISECONDS)) {
                kill(violation);
            }
        }
    }
}
