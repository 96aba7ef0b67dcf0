package org.alcove;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

/** What a call ends with, for whoever waits. What depends on it never runs on the thread that brings it. */
final class Outcome {
    private static final Polling POLLING = new Polling(20);

    private final Host host;
    private final CompletableFuture<Outputs> done = new CompletableFuture<>();

    Outcome(Host host) {
        this.host = host;
    }

    void succeed(Outputs outputs) {
        done.complete(outputs);
    }

    void fail(AlcoveException failure) {
        done.completeExceptionally(failure);
    }

    Outputs await() throws InterruptedException {
        poll();
        try {
            return done.get().handedOver();
        } catch (ExecutionException e) {
            throw ((AlcoveException) e.getCause()).thrownHere();
        }
    }

    /**
     * Of many calls under way one ends soon after the other. To look again and again for a moment costs a third of what it
     * costs to be woken for each.
     */
    private void poll() {
        if (done.isDone() || !POLLING.isWorthwhile()) {
            return;
        }
        for (long end = POLLING.end(); !done.isDone() && System.nanoTime() - end < 0; ) {
            Thread.yield();
        }
        POLLING.ended(done.isDone());
    }

    /** A future of its own, which depends run where callbacks do; done at once when the outcome is there. */
    CompletableFuture<Outputs> future() {
        if (done.isDone()) {
            CompletableFuture<Outputs> copy = new CompletableFuture<>();
            done.whenComplete((outputs, failure) -> settle(copy, outputs, failure));
            return copy;
        }
        return host.callbacks() == null ? future(host.executor()) : future(host.callbacks());
    }

    /** As {@link #future()}, on an executor; on the host's where that refuses. */
    CompletableFuture<Outputs> future(Executor executor) {
        CompletableFuture<Outputs> copy = new CompletableFuture<>();
        done.whenComplete((outputs, failure) -> {
            Runnable tell = () -> settle(copy, outputs, failure);
            if (executor == host.executor()) {
                runOn(executor, tell, tell);
            } else {
                // From a thread that may block, because that is what some executors do with who comes to them.
                runOn(host.executor(), () -> runOn(executor, tell, tell), tell);
            }
        });
        return copy;
    }

    private static void settle(CompletableFuture<Outputs> copy, Outputs outputs, Throwable failure) {
        if (failure == null) {
            copy.complete(outputs);
        } else {
            copy.completeExceptionally(failure);
        }
    }

    private static void runOn(Executor executor, Runnable work, Runnable otherwise) {
        try {
            executor.execute(work);
        } catch (RuntimeException | Error e) { // it refuses, or there is no thread to be had
            otherwise.run();
        }
    }

    /**
     * What a call fails with that was asked to end for a reason, or was not (null): it may fail in several ways before it
     * takes notice.
     */
    static AlcoveException of(AlcoveException failure, AlcoveException reason) {
        if (reason == null) {
            return failure;
        }
        boolean isCancel = reason instanceof CancelledException;
        return switch (failure.kind()) {
            case CANCELLED -> isCancel ? failure : reason;
            case WORKER_DIED -> isCancel ? new CancelledException("cancelled; its worker has ended") : reason;
            case OP_FAILED -> isCancel ? failure : reason; // perhaps because it was interrupted
            default -> failure;
        };
    }
}
