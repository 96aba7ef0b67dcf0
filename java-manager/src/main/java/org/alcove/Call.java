package org.alcove;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A call under way, from the making of its environment to its outputs. It always ends: with outputs, with an {@link
 * AlcoveException}, or within some seconds of {@link #cancel()}.
 *
 * <p>What listens to it, and what depends on {@link #future()}, runs on the executor of {@link Settings#callbacks}, else on
 * threads of Alcove's that it may block; one callback of a call after the other. One that throws harms nothing. One that
 * blocks keeps its own call from ending for 5 s, and no other call.
 */
public final class Call {
    /** How a cancel reaches whatever the call is doing now. */
    interface Canceller {
        void cancel();
    }

    /** The process that the op runs in. */
    interface Runner {
        long pid();

        /** The memory that it uses, shared memory left out; empty when that cannot be known. */
        OptionalLong memoryBytes();

        /** What it says of itself; empty when it says nothing within the time. */
        Optional<Map<String, Object>> status(long milliseconds);
    }

    /** The call ends so long after its op had its grace, even if the process cannot be ended. */
    static final long MILLISECONDS_TO_KILL = 5000;

    private static final long MILLISECONDS_FOR_A_CALLBACK = 5000;
    private static final int REPORTS_KEPT = 100;
    private static final int LINES_KEPT = 200;

    private final Host host;
    private final Inputs inputs;
    private final List<Block> blocks = new ArrayList<>();
    private final Outcome outcome;
    private final CallCourse course;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Callbacks callbacks;
    private final Consumer<Progress> relay;
    private final Reports<Progress> progress;
    private final Reports<LogLine> lines;
    private Canceller canceller; // guarded by this, as are the next
    private long grace = MILLISECONDS_FOR_A_CALLBACK;
    private boolean endsWithItsThread;
    private AlcoveException endReason;
    private volatile boolean completed; // changed under this

    /** A call of the op of a name; {@code listener} hears of its progress, until its maker has one of its own. */
    Call(Host host, String op, Inputs inputs, Consumer<Progress> listener) {
        this(host, op, inputs, listener, null);
    }

    private Call(Host host, String op, Inputs inputs, Consumer<Progress> listener, Consumer<Progress> relay) {
        this.host = host;
        this.course = new CallCourse(op);
        this.inputs = inputs;
        this.outcome = new Outcome(host);
        this.callbacks = new Callbacks(host);
        this.relay = relay;
        this.progress = new Reports<>(callbacks, REPORTS_KEPT, listener);
        this.lines = new Reports<>(callbacks, LINES_KEPT, null);
        try {
            inputs.arrays().forEach(input -> input.array().use(host.memory()).ifPresent(block -> lend(block, input)));
            host.begun(this);
        } catch (RuntimeException e) {
            blocks.forEach(host.memory()::takeBack);
            throw e;
        }
    }

    private void lend(Block block, Inputs.InputArray input) {
        if (!host.memory().lend(block, input.isWritten())) {
            host.memory().unuse(block);
            throw new AlcoveException(
                    ErrorKind.INVALID_PARAMS,
                    "input " + input.name() + " shares its memory with another input, of this call or of one under way,"
                            + " and an op writes to it",
                    "give each its own SharedArray, or wait for the call under way",
                    Map.of("path", "inputs." + input.name(), "expected", "an array that nothing else uses"));
        }
        blocks.add(block);
    }

    /** Does something on behalf of a call that runs no op: a listener hears of it, and the end of Alcove reaches it. */
    static <T> T around(Host host, Consumer<Progress> listener, Function<Call, T> work) {
        Call call = new Call(host, "", Inputs.NONE, listener);
        synchronized (call) {
            call.endsWithItsThread = true;
        }
        try {
            return work.apply(call);
        } finally {
            call.succeed(new Outputs(Map.of()));
            call.await(); // the listener has heard it all
        }
    }

    /**
     * Waits for the outputs. A thread that is interrupted while it waits cancels the call.
     *
     * @throws AlcoveException when the call failed or was cancelled
     */
    public Outputs await() {
        try {
            return outcome.await();
        } catch (InterruptedException e) {
            cancel();
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while waiting for the call");
        }
    }

    /**
     * Asks the call to end; it fails with {@link CancelledException} unless its result comes first. One that waits for a
     * worker, or for one to start, ends at once. An op that does not listen is ended with its worker after a grace time: 5 s,
     * or the op's own. Does nothing once the call has ended.
     */
    public void cancel() {
        cancel(new CancelledException("cancelled"));
    }

    /** As {@link #cancel()}, but it fails with {@code reason} unless its result comes first. */
    void cancel(AlcoveException reason) {
        Canceller target;
        synchronized (this) {
            if (endReason != null || completed) {
                return;
            }
            endReason = reason;
            target = canceller;
        }
        if (target == null) {
            endNow();
        } else {
            target.cancel();
        }
    }

    /** Nothing is at work for the call, except that a thread may be about to return to who called. */
    private void endNow() {
        AlcoveException reason;
        synchronized (this) {
            reason = endsWithItsThread ? null : endReason;
        }
        if (reason != null) {
            fail(reason);
        }
    }

    /**
     * Calls {@code listener} with every progress from now on, one after the other, the last before the call ends. The first
     * such listener also hears what came before it, any other the latest; of more than a hundred the last hundred.
     */
    public Call onProgress(Consumer<Progress> listener) {
        progress.listen(listener);
        return this;
    }

    /**
     * Calls {@code listener} with everything from now on that the op logs with Python's logging, or prints, and with what
     * it said before. What is printed comes with some delay, the last of it perhaps after the call has ended.
     */
    public Call onLog(Consumer<LogLine> listener) {
        lines.listen(listener);
        return this;
    }

    /** The last 200 lines that the op has logged or printed so far, oldest first; also when the call has ended. */
    public List<LogLine> log() {
        return lines.kept();
    }

    /** What the call is doing. Asks the process that runs it, which may take a second if that does not answer. */
    public CallStatus status() {
        return course.status();
    }

    /** The process that runs it, or ran it last; empty when none has begun with it. */
    public OptionalLong worker() {
        return course.worker();
    }

    /** How long that process has been at it, or was: without the time when the call waited for it. */
    public Duration runTime() {
        return course.runTime();
    }

    /**
     * The outcome as a future; what depends on it runs where callbacks run, or on your thread when the call has ended
     * already. Completing or cancelling the future does nothing to the call.
     */
    public CompletableFuture<Outputs> future() {
        return outcome.future();
    }

    /** As {@link #future()}, on an executor of your choice; on a thread of Alcove's where that refuses. */
    public CompletableFuture<Outputs> future(Executor executor) {
        return outcome.future(executor);
    }

    Inputs inputs() {
        return inputs;
    }

    /** The blocks that the inputs lie in. */
    List<Block> blocks() {
        return blocks;
    }

    /** How long the op may run, from when its worker begins with it. */
    void deadline(Duration time) {
        course.limit(new Deadline(host, time, this::cancel));
    }

    /**
     * From now on a cancel goes here; true when it has come already, or the call has ended, and nothing more should be
     * begun. With null nothing is at work for the call: a cancel ends it at once.
     */
    synchronized boolean begin(Canceller next) {
        canceller = next;
        return endReason != null || completed;
    }

    /** As {@link #begin(Canceller)}; the call ends soon after the grace time, whatever becomes of the op. */
    boolean begin(Canceller next, long millisecondsOfGrace) {
        synchronized (this) {
            grace = millisecondsOfGrace;
        }
        return begin(() -> {
            next.cancel();
            after(millisecondsOfGrace + MILLISECONDS_TO_KILL, this::endAnyway);
        });
    }

    /**
     * A call on behalf of this one: a cancel of this one goes there from now on. When the other one has ended, nothing is at
     * work for this one.
     *
     * @param relay gets its progress at once, on the thread that brings it: be quick
     */
    Call inner(String op, Inputs inputs, Consumer<Progress> relay) {
        Call inner = new Call(host, op, inputs, null, relay);
        boolean late = begin(() -> {
            inner.cancel(endReason());
            if (inner.isDone()) {
                endNow();
            }
        });
        if (late) {
            inner.cancel();
        }
        return inner;
    }

    /** Not even the kernel has ended the process, which waits for a dead file server perhaps: it may still write. */
    private void endAnyway() {
        if (!isDone()) {
            spoilArrays();
            fail(endReason());
        }
    }

    /** Not by the manager's timer: its end must not leave somebody waiting. */
    private static void after(long milliseconds, Runnable quick) {
        CompletableFuture.delayedExecutor(milliseconds, TimeUnit.MILLISECONDS, Runnable::run).execute(quick);
    }

    /** It waits for a worker. */
    void queued() {
        course.waits(CallStatus.State.QUEUED);
    }

    /** Its environment is being made, a worker started, or the op file loaded. */
    void preparing() {
        course.waits(CallStatus.State.PREPARING);
    }

    /** The op runs. */
    void began(Runner where) {
        course.runs(where);
    }

    /** One of several runs begins; each has the whole time until its deadline. */
    void beganAgain() {
        course.runsAgain();
    }

    /**
     * Waits until the call has ended, however it ended; false when it has not within the time. What listens to it may
     * still be at it.
     */
    boolean awaitEnd(long seconds) {
        try {
            return over.await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    boolean isCancelled() {
        return endReason() != null;
    }

    /** Why it was asked to end: a {@link CancelledException}, a deadline; null when it was not. */
    synchronized AlcoveException endReason() {
        return endReason;
    }

    boolean isDone() {
        return completed;
    }

    void report(Progress report) {
        if (relay != null) {
            relay.accept(report);
        } else if (!isDone()) {
            progress.accept(report);
        }
    }

    /** Takes what is logged and printed on behalf of the call. */
    Consumer<LogLine> lines() {
        return lines;
    }

    void succeed(Outputs outputs) {
        if (!complete(() -> outcome.succeed(outputs))) {
            outputs.close(); // nobody takes them
        }
    }

    void fail(AlcoveException failure) {
        AlcoveException ending = Outcome.of(failure, endReason());
        complete(() -> outcome.fail(ending));
    }

    /** The worker died while it had the arrays: a process that it left may still write to them. */
    void spoilArrays() {
        host.memory().keep(blocks.stream().map(block -> block.name).toList());
    }

    private boolean complete(Runnable completion) {
        boolean isEnded;
        long patience;
        synchronized (this) {
            if (completed) {
                return false;
            }
            completed = true;
            canceller = null;
            isEnded = endReason != null;
            patience = isEnded ? Math.min(grace, MILLISECONDS_FOR_A_CALLBACK) : MILLISECONDS_FOR_A_CALLBACK;
        }
        course.ends();
        host.ended(this);
        blocks.forEach(host.memory()::takeBack);
        callbacks.complete(completion, isEnded, patience);
        over.countDown();
        return true;
    }
}
