package org.alcove;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

/** A Python process that runs ops, from its start to its end. However it ends, every request gets its answer. */
final class Worker implements Call.Runner, WorkerEvents.Watched {
    static final int MAX_LINE_BYTES = Greeting.MAX_LINE_BYTES;
    private static final long SECONDS_TO_START = 60;
    private static final long MILLISECONDS_AFTER_KILL = 5000;
    private static final long MILLISECONDS_TO_DRAIN = 1000;
    private static final long MILLISECONDS_TO_ANSWER = 2000;
    private static final long MILLISECONDS_BETWEEN_RELEASES = 20;
    private static final long NANOSECONDS_TOO_LONG_TO_POLL = 10_000_000;

    private final Launch launch;
    private final Allotment allotment;
    private final Host host;
    private final SharedMemory memory;
    private final String prefix;
    private final WorkerEvents events;
    private final MemoryWatch memoryWatch;
    private final LoadedSources sources = new LoadedSources(this::askToLoad);
    private final AtomicReference<Work> running = new AtomicReference<>();
    private final CompletableFuture<Worker> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final AtomicReference<End> end = new AtomicReference<>();
    private WorkerProcess process;
    private BoundedLog log;
    private Connection connection;
    private volatile Requests requests; // null until its process is there
    private Coalesced releasing;
    private Pulse pulse;
    private volatile boolean wasReady;
    private volatile boolean hasFallenSilent; // a pipe to it has ended, which is known before its first process has
    private final Runnable onEnd = () -> FullHeap.outlast(this::processEnded);

    /** Why it ends, and what its running call fails with. */
    private record End(Ending why, AlcoveException failure) {}

    private Worker(Launch launch, Allotment allotment, Host host, String prefix) {
        this.launch = launch;
        this.allotment = allotment;
        this.host = host;
        this.memory = host.memory();
        this.prefix = prefix;
        this.events = host.workers().starting(launch, allotment, this);
        this.memoryWatch = new MemoryWatch(
                host, allotment.memoryBytes(), () -> running.get() != null && isAlive(), this::limitedBytes, this::exceeded);
    }

    /**
     * Starts the process, without waiting; it is of use once it is {@link #ready}, and can be stopped before.
     *
     * @throws AlcoveException {@link ErrorKind#START_FAILED} with the command
     */
    static Worker begin(Launch launch, Allotment allotment, Host host, String prefix) {
        return begin(launch, allotment, host, prefix, SECONDS_TO_START);
    }

    static Worker begin(Launch launch, Allotment allotment, Host host, String prefix, long secondsToStart) {
        Worker worker = new Worker(launch, allotment, host, prefix);
        try {
            worker.startProcess();
            worker.initialize(secondsToStart);
            return worker;
        } catch (RuntimeException | Error e) {
            FullHeap.awaitRoom();
            worker.discard();
            throw e;
        }
    }

    /** Nobody will have it, and it may be there by half. */
    private void discard() {
        if (process != null) {
            process.kill();
            process.killLeftovers();
            events.gone(process.howItEnded());
        }
    }

    private void startProcess() {
        process = WorkerProcess.start(launch, allotment);
        Process first = process.process();
        connection = new Connection(
                first.getInputStream(), first.getOutputStream(), MAX_LINE_BYTES, launch.name(), new Ears());
        requests = new Requests(connection, host.executor());
        releasing = new Coalesced(host, MILLISECONDS_BETWEEN_RELEASES, requests::sendReleases);
        pulse = new Pulse(requests, host.executor());
        log = new BoundedLog(first.getErrorStream(), launch.name(), this::written);
        first.onExit().whenComplete((same, failure) -> host.soon(onEnd));
        events.started(first.pid(), process.command(), log);
        connection.start();
    }

    /** A line that it has written to stderr. */
    private boolean written(String line) {
        events.line(line);
        requests.printed(line);
        return false;
    }

    private void initialize(long secondsToStart) {
        Future<?> limit = host.later(secondsToStart * 1000, () -> startFailed(new AlcoveException(
                ErrorKind.START_FAILED,
                "the worker for " + launch.name() + " did not answer within " + secondsToStart + " s of its start",
                "try again; if it happens always, look at the worker's last lines",
                process.report(null, log))));
        ready.whenComplete((worker, failure) -> limit.cancel(false));
        requests.send("initialize", Greeting.params(launch, memory, prefix), new Requests.Requester() {
            @Override
            public void succeeded(Map<String, Object> answer) {
                process.isLedBy(Greeting.accept(answer, process.pid()));
                wasReady = true;
                events.ready(pid());
                host.soon(Worker.this::tellReady);
            }

            @Override
            public void failed(AlcoveException failure) {
                startFailed(failure);
            }
        }, () -> false, id -> {});
    }

    private void tellReady() {
        AlcoveException failure = failure();
        if (failure == null) {
            ready.complete(this);
        } else {
            ready.completeExceptionally(failure); // it has been stopped meanwhile
        }
    }

    private void startFailed(AlcoveException failure) {
        if (!ready.isDone()) {
            if (isAlive()) {
                kill(Ending.START_FAILED, failure);
            }
            host.soon(() -> ready.completeExceptionally(failure));
        }
    }

    /** Done when it can be used, on a thread that may be blocked; fails with an {@link AlcoveException}. */
    CompletableFuture<Worker> ready() {
        return ready;
    }

    /** Waits until it is {@link #ready}; a thread that is interrupted meanwhile ends it. */
    Worker awaitReady() {
        try {
            return ready.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill(Ending.STOPPED, ended("nobody waits for it any more", "call again"));
            throw new CancelledException("interrupted while waiting for the worker");
        } catch (ExecutionException e) {
            throw ((AlcoveException) e.getCause()).thrownHere();
        }
    }

    Launch launch() {
        return launch;
    }

    Allotment allotment() {
        return allotment;
    }

    String prefix() {
        return prefix;
    }

    /** The interpreter's number; before it is ready that of the first process, which may be a wrapper. */
    @Override
    public long pid() {
        return process.pid();
    }

    /** Whether it takes requests. */
    boolean isAlive() {
        return end.get() == null && !hasFallenSilent && process.process().isAlive();
    }

    /** Done when its processes have ended, and its requests have their answers. */
    CompletableFuture<Void> gone() {
        return gone;
    }

    /** Why it is no more, or soon will be; null while it is of use. */
    Ending ending() {
        End known = end.get();
        return known == null ? null : known.why;
    }

    /** What its running call failed with, or would have; null while it is of use. */
    AlcoveException failure() {
        End known = end.get();
        return known == null ? null : known.failure;
    }

    @Override
    public ProcessUsage usage() {
        return process.usage(memory.directory());
    }

    @Override
    public OptionalLong memoryBytes() {
        long bytes = usage().memoryBytes();
        return bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    @Override
    public Optional<Map<String, Object>> status(long milliseconds) {
        return pulse.take(milliseconds);
    }

    @Override
    public boolean isResponsive() {
        return pulse.take(MILLISECONDS_TO_ANSWER).isPresent();
    }

    /**
     * Gives an op, by its id, a task on behalf of a call, whose cancel gives it {@code grace} milliseconds.
     *
     * @param callerReads whether this thread, which will wait for the call, comes with {@link #readFor} at once
     */
    void run(
            Task task, String op, Adaptation adaptation, Call call, long grace, boolean callerReads, Requests.Requester answer) {
        Work work = new Work(op, answer, running, events, callerReads);
        send(task.method(), params(task, op, adaptation), work, call, grace);
    }

    /**
     * Takes the place of the reading thread for a moment, where that saves a wake-up: returns when the call is done, or when
     * this thread should wait for it as usual.
     *
     * @param expectedNanoseconds how long the op runs as a rule, {@link RunTimes#UNKNOWN} where that is not known
     */
    void readFor(Call call, long expectedNanoseconds) {
        if (expectedNanoseconds > NANOSECONDS_TOO_LONG_TO_POLL) {
            connection.wakeReader();
        } else {
            connection.readUntil(call::isDone);
        }
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

    /** What it has loaded, and how more is. */
    LoadedSources sources() {
        return sources;
    }

    /** The id of an op; its source is loaded first where it was not, or where it has changed. */
    String load(OpSource source, String name, Call call, long grace) {
        return sources.id(source, name, call, grace);
    }

    /** The descriptors of all ops of a source, which is loaded first where it was not, or where it has changed. */
    List<Object> descriptors(OpSource source, Call call, long grace) {
        return sources.descriptors(source, call, grace);
    }

    private void askToLoad(OpSource source, Call call, long grace, Requests.Requester answer) {
        Work work = new Work("loading " + source.value(), answer, running, events, false);
        send("load", json -> {
            json.writeStartObject();
            json.writeStringField(source.member(), source.value());
            json.writeEndObject();
        }, work, call, grace);
    }

    private void send(String method, Json.Writer params, Work work, Call call, long grace) {
        requests.send(method, params, work, call::isCancelled, id -> listenTo(call, id, grace));
        memoryWatch.begin();
    }

    /** Lets a cancel of the call reach the request. */
    private void listenTo(Call call, long request, long grace) {
        if (call.begin(() -> cancel(call, request, grace), grace)) {
            throw new CancelledException("cancelled before it began");
        }
    }

    /** Asks, and after the grace time ends what did not listen. Whoever cancels shall not wait for a full pipe. */
    private void cancel(Call call, long request, long grace) {
        host.soon(() -> requests.cancel(request));
        Runnable end = () -> {
            String reason = "cancelled; it did not listen, so its worker was ended";
            if (requests.abandon(request, new CancelledException(reason))) {
                AlcoveException asked = call.endReason();
                boolean late = asked != null && asked.kind() == ErrorKind.DEADLINE_EXCEEDED;
                kill(late ? Ending.DEADLINE : Ending.CANCELLED, ended("another call did not listen to its cancel", "call again"));
            }
        };
        host.later(grace, () -> FullHeap.outlast(end));
    }

    /** Ends a loan of its blocks for each entry; it hears of that soon. */
    void release(List<String> blocks) {
        requests.release(blocks);
        releasing.ask();
    }

    void forget(List<String> blocks) {
        requests.notify("forget", Requests.blocks(blocks));
    }

    /** Stops it as soon as it has nothing to do. What comes after that is turned away, as after its end. */
    void retire() {
        AlcoveException reason = ended("it was not needed any more", "call again");
        requests.endWhenIdle(reason, () -> {
            if (endsFor(Ending.RETIRED, reason)) {
                host.soon(this::stop);
            }
        });
    }

    /**
     * Asks it to stop, and makes it within some seconds. Returns at once; the future is done when it is gone, or when not
     * even the kernel could end it.
     */
    CompletableFuture<Void> stop() {
        endsFor(Ending.STOPPED, ended("it was stopped", "call again"));
        host.soon(connection::closeOutput); // which waits for whoever is still writing
        CompletableFuture<Void> stopped = gone.copy();
        host.soon(() -> {
            process.end();
            Future<?> limit = host.later(MILLISECONDS_AFTER_KILL, () -> stopped.complete(null));
            stopped.whenComplete((nothing, failure) -> limit.cancel(false));
        });
        return stopped;
    }

    @Override
    public void stopOnRequest() {
        kill(Ending.STOPPED, ended("somebody stopped it", "call again"));
    }

    /** Kills it at once, with the children that its ops may have left; {@code failure} is what its running call fails with. */
    private void kill(Ending why, AlcoveException failure) {
        endsFor(why, failure);
        process.kill();
    }

    private boolean endsFor(Ending why, AlcoveException failure) {
        boolean isFirst = end.compareAndSet(null, new End(why, failure));
        if (isFirst) {
            events.stopping(failure.getMessage());
        }
        return isFirst;
    }

    private AlcoveException ended(String why, String hint) {
        return new AlcoveException(
                ErrorKind.WORKER_DIED, "the worker for " + launch.name() + " was ended: " + why, hint, Map.of("pid", pid()));
    }

    private long limitedBytes() {
        return process.memoryBytes(memory.directory(), allotment.memoryBytes());
    }

    private void exceeded(long usedBytes) {
        kill(Ending.MEMORY, process.exceeded(usedBytes, allotment.memoryBytes(), runningOp(), log));
    }

    /** The id of the op that it works on; null for none. */
    private String runningOp() {
        Work work = running.get();
        return work == null ? null : work.what();
    }

    /** The process has ended; replies that it wrote before are still in the pipe. Several may notice. */
    private synchronized void processEnded() {
        if (gone.isDone() || process.process().isAlive()) {
            return;
        }
        try {
            process.killLeftovers(); // which may hold the pipes open
            connection.awaitEnd(MILLISECONDS_TO_DRAIN);
            log.awaitEnd(MILLISECONDS_TO_DRAIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tellAll();
    }

    private void tellAll() {
        if (host.workers().wasStoppedByOthers(pid())) {
            endsFor(Ending.STOPPED, ended("somebody stopped it", "call again"));
        }
        if (end.get() == null) {
            endsFor(wasReady ? Ending.DIED : Ending.START_FAILED, process.died(wasReady, runningOp(), log));
        }
        try {
            memory.workerGone(this, prefix);
            requests.workerGone(end.get().failure);
        } catch (RuntimeException e) {
            host.warn("after the end of a worker: " + e);
        }
        events.gone(process.howItEnded());
        gone.complete(null); // last of all: who waits for it closes what the others need
        connection.closeOutput();
    }

    /** Listens to the connection, on the thread that reads. */
    private final class Ears implements Connection.Listener {
        @Override
        public void received(Map<String, Object> message) {
            if ("log".equals(message.get("method"))) {
                events.record(Tree.object(message.get("params")));
            }
            requests.received(message, blocks -> memory.forgotten(blocks, Worker.this));
        }

        @Override
        public boolean awaitsAnswers() {
            return requests.awaitsAnswers();
        }

        @Override
        public void ended(AlcoveException violation) {
            hasFallenSilent = true;
            while (true) {
                try {
                    end(violation);
                    return;
                } catch (OutOfMemoryError e) { // nobody else would end it
                    FullHeap.awaitRoom();
                }
            }
        }

        private void end(AlcoveException violation) {
            if (violation != null) {
                kill(Ending.LIED, violation);
            } else if (!process.endsWithin(MILLISECONDS_TO_DRAIN)) {
                // A process that has closed its stdout but lives on is of no use to anybody.
                kill(wasReady ? Ending.DIED : Ending.START_FAILED, process.died(wasReady, runningOp(), log));
            }
            host.soon(onEnd);
        }

        @Override
        public void unwritable() {
            if (isAlive()) { // else it is stopping, and has the time that it takes
                host.soon(() -> ended(null));
            }
        }
    }
}
