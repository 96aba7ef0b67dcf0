package org.alcove;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A call's callbacks, one after the other and its completion last, on the executor for callbacks. One that throws, blocks
 * for ever or is refused by that executor keeps the call from nothing: the completion waits only while they go on.
 */
final class Callbacks {
    private final Host host;
    private final Deque<Runnable> waiting = new ArrayDeque<>(0); // guarded by this, as are the next
    private boolean running;
    private long nanosecondsOfLastStart;
    private Runnable completion;
    private long patience;
    private boolean givenUp;

    Callbacks(Host host) {
        this.host = host;
    }

    /** Runs a callback after those before it. */
    void run(Runnable callback) {
        synchronized (this) {
            if (givenUp) {
                return;
            }
            waiting.addLast(callback);
            if (running) {
                return;
            }
            running = true;
            nanosecondsOfLastStart = System.nanoTime();
        }
        start(this::runAll);
    }

    /**
     * Runs the completion after the callbacks; here when there are none, so that a call without listeners costs no
     * hand-over.
     *
     * @param atOnce leaves out the callbacks that wait; the one that runs is still waited for
     * @param milliseconds how long one callback may take
     */
    void complete(Runnable last, boolean atOnce, long milliseconds) {
        long wait;
        synchronized (this) {
            if (atOnce) {
                waiting.clear();
            }
            completion = last;
            patience = TimeUnit.MILLISECONDS.toNanos(milliseconds);
            wait = running && !givenUp ? remaining() : 0;
        }
        giveUpAfter(wait);
    }

    private void giveUpAfter(long nanoseconds) {
        if (nanoseconds <= 0) {
            giveUp();
        } else {
            // Not by the manager's timer: its end must not leave somebody waiting.
            CompletableFuture.delayedExecutor(nanoseconds, TimeUnit.NANOSECONDS, Runnable::run).execute(this::look);
        }
    }

    private void look() {
        long wait;
        synchronized (this) {
            if (completion == null) {
                return;
            }
            wait = running ? remaining() : 0;
        }
        giveUpAfter(wait);
    }

    private long remaining() {
        return nanosecondsOfLastStart + patience - System.nanoTime();
    }

    /** Waits for no callback any longer. */
    private void giveUp() {
        Runnable last;
        synchronized (this) {
            givenUp = running;
            if (givenUp) {
                waiting.clear();
            }
            last = completion;
            completion = null;
        }
        if (last != null) {
            last.run();
        }
    }

    private void start(Runnable work) {
        Executor chosen = host.callbacks();
        try {
            // From a thread that may block, because that is what some executors do with who comes to them.
            host.executor().execute(chosen == null ? work : () -> offer(chosen, work));
        } catch (RuntimeException | Error e) { // no thread to be had
            refused(e);
        }
    }

    private void offer(Executor chosen, Runnable work) {
        try {
            chosen.execute(work);
        } catch (RuntimeException | Error e) {
            refused(e);
        }
    }

    /** A callback made for one thread, a user interface's perhaps, is not run on another one. */
    private void refused(Throwable reason) {
        host.warn("the listeners of a call hear no more of it, because their executor refuses them: " + reason);
        giveUp();
    }

    private void runAll() {
        for (Runnable next = next(); next != null; next = next()) {
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                // A listener's own failure, be it a class that a plugin lacks, must not keep the call from ending.
                host.warn("a listener of a call failed: " + e);
            }
        }
    }

    /** What to run now: a callback, after the last one the completion, in the end nothing. */
    private synchronized Runnable next() {
        nanosecondsOfLastStart = System.nanoTime();
        Runnable next = waiting.pollFirst();
        if (next == null) {
            next = completion;
            completion = null;
        }
        running = next != null;
        return next;
    }
}
