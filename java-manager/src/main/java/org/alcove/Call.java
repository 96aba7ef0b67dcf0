package org.alcove;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A call under way, from the making of its environment to its outputs. It always ends: with outputs, with an {@link
 * AlcoveException}, or within some seconds of {@link #cancel()}.
 */
public final class Call {
    /** How a cancel reaches whatever the call is doing now. */
    interface Canceller {
        void cancel();
    }

    /** So many wait for a listener that is slower than the op; then the oldest are left out. */
    private static final int MOST_REPORTS = 1000;

    private final Host host;
    private final Inputs inputs;
    private final List<Block> blocks = new ArrayList<>();
    private final CompletableFuture<Outputs> done = new CompletableFuture<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Deque<Runnable> callbacks = new ArrayDeque<>();
    private final Deque<Runnable> reports = new ArrayDeque<>(); // guarded by this
    private boolean callbacksRun;
    private Consumer<Progress> listener;
    private Progress latest;
    private Canceller canceller;
    private boolean cancelled;
    private boolean completed;

    Call(Host host, Inputs inputs, Consumer<Progress> listener) {
        this.host = host;
        this.inputs = inputs;
        this.listener = listener;
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
        Call call = new Call(host, Inputs.NONE, listener);
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
            return done.get().handedOver();
        } catch (InterruptedException e) {
            cancel();
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while waiting for the call");
        } catch (ExecutionException e) {
            throw ((AlcoveException) e.getCause()).thrownHere();
        }
    }

    /**
     * Asks the call to end; it fails with {@link CancelledException} unless its result comes first. An op that does not
     * listen is ended with its worker after a grace time. Does nothing once the call has ended.
     */
    public void cancel() {
        Canceller target;
        synchronized (this) {
            if (cancelled || completed) {
                return;
            }
            cancelled = true;
            target = canceller;
        }
        if (target != null) {
            target.cancel();
        }
    }

    /**
     * Calls {@code listener} with the latest progress so far and every one from now on, one after the other, the last
     * before the call ends, on a thread of Alcove's that it may block.
     */
    public synchronized Call onProgress(Consumer<Progress> listener) {
        this.listener = listener;
        if (latest != null) {
            report(latest);
        }
        return this;
    }

    /**
     * The outcome as a future; what depends on it runs on a thread of Alcove's that it may block, or on yours when the
     * call has ended already. Completing or cancelling the future does nothing to the call.
     */
    public CompletableFuture<Outputs> future() {
        return done.isDone() ? done.copy() : done.whenCompleteAsync((outputs, failure) -> {}, host.executor());
    }

    Inputs inputs() {
        return inputs;
    }

    /** The blocks that the inputs lie in. */
    List<Block> blocks() {
        return blocks;
    }

    /** From now on a cancel goes here; true when it has come already, and nothing more should be begun. */
    boolean begin(Canceller next) {
        synchronized (this) {
            canceller = next;
            return cancelled;
        }
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
        synchronized (this) {
            return cancelled;
        }
    }

    synchronized void report(Progress progress) {
        latest = progress;
        Consumer<Progress> target = listener;
        if (target != null && !completed) {
            reports.addLast(() -> target.accept(progress));
            if (reports.size() > MOST_REPORTS) {
                reports.removeFirst(); // whose callback hands out the next one
            } else {
                enqueue(this::handOut);
            }
        }
    }

    private void handOut() {
        Runnable report;
        synchronized (this) {
            report = reports.removeFirst();
        }
        report.run();
    }

    void succeed(Outputs outputs) {
        if (!complete(() -> done.complete(outputs))) {
            outputs.close(); // nobody takes them
        }
    }

    void fail(AlcoveException failure) {
        // A worker may end before it has said that it took notice of the cancel.
        boolean asked = failure.kind() == ErrorKind.WORKER_DIED && isCancelled();
        AlcoveException outcome = asked ? new CancelledException("cancelled; its worker has ended") : failure;
        complete(() -> done.completeExceptionally(outcome));
    }

    /** The worker died while it had the arrays: a process that it left may still write to them. */
    void spoilArrays() {
        host.memory().keep(blocks.stream().map(block -> block.name).toList());
    }

    private boolean complete(Runnable completion) {
        synchronized (this) {
            if (completed) {
                return false;
            }
            completed = true;
            canceller = null;
        }
        host.ended(this);
        blocks.forEach(host.memory()::takeBack);
        enqueue(completion);
        over.countDown();
        return true;
    }

    /** Runs callbacks in order: here when there was none before, so that a call without listeners costs no hand-over. */
    private void enqueue(Runnable callback) {
        synchronized (callbacks) {
            boolean direct = completed && callbacks.isEmpty() && !callbacksRun;
            if (!direct) {
                callbacks.addLast(callback);
                if (!callbacksRun) {
                    callbacksRun = true;
                    host.executor().execute(this::runCallbacks);
                }
                return;
            }
        }
        callback.run();
    }

    private void runCallbacks() {
        while (true) {
            Runnable next;
            synchronized (callbacks) {
                next = callbacks.pollFirst();
                if (next == null) {
                    callbacksRun = false;
                    return;
                }
            }
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                // A listener's own failure, be it a class that a plugin lacks, must not keep the call from ending.
                host.warn("a progress listener failed: " + e);
            }
        }
    }
}
