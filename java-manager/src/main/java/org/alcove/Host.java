package org.alcove;

import java.lang.System.Logger;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all parts of one manager share: threads, timer, shared memory. All threads are daemons, so a program whose main
 * returns ends.
 */
final class Host implements AutoCloseable {
    private static final long SECONDS_UNTIL_IDLE = 60;
    private static final Logger LOGGER = System.getLogger("org.alcove");

    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            SECONDS_UNTIL_IDLE,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            daemons("alcove-callback-"),
            // After the end somebody may still ask for the outcome of a call; that gets a thread of its own.
            (task, closed) -> daemons("alcove-late-").newThread(task).start());
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemons("alcove-timer-"));
    private final SharedMemory memory;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();
    private final Workers workers = new Workers(this);
    private Executor callbacks;
    private volatile boolean closing;

    Host(SharedMemory memory) {
        this(memory, TimeUnit.SECONDS.toNanos(SECONDS_UNTIL_IDLE));
    }

    Host(SharedMemory memory, long nanosecondsUntilIdle) {
        this.memory = memory;
        timer.setRemoveOnCancelPolicy(true);
        timer.scheduleWithFixedDelay(
                () -> memory.trimIfIdle(nanosecondsUntilIdle),
                nanosecondsUntilIdle,
                nanosecondsUntilIdle / 2,
                TimeUnit.NANOSECONDS);
    }

    /** Runs what may block; never a reader thread. */
    Executor executor() {
        return executor;
    }

    SharedMemory memory() {
        return memory;
    }

    /** The workers, for those who look at them. */
    Workers workers() {
        return workers;
    }

    /** A call is under way, until it is {@link #ended}. */
    void begun(Call call) {
        calls.add(call); // first, so that either this sees that there is an end, or who ends all sees the call
        if (closing) {
            calls.remove(call);
            throw new IllegalStateException("Alcove is closed");
        }
    }

    void ended(Call call) {
        calls.remove(call);
    }

    /** Whether no call begins any more. */
    boolean isClosing() {
        return closing;
    }

    /** From now on no call begins; returns those that are under way. */
    List<Call> lastCalls() {
        closing = true;
        return List.copyOf(calls);
    }

    /** Where callbacks of users run; null for the threads of {@link #executor}. */
    Executor callbacks() {
        return callbacks;
    }

    /** Comes before the first call. */
    void callbacks(Executor chosen) {
        callbacks = chosen;
    }

    /** Runs something later on the executor, unless it is cancelled before. */
    Future<?> later(long milliseconds, Runnable action) {
        try {
            return timer.schedule(() -> soon(action), milliseconds, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            return CompletableFuture.completedFuture(null); // and after the end there is no later
        }
    }

    /** Runs something on the executor; here where there is no thread to be had, for somebody waits for what it does. */
    void soon(Runnable action) {
        try {
            executor.execute(action);
        } catch (OutOfMemoryError e) {
            FullHeap.outlast(action);
        }
    }

    void warn(String message) {
        LOGGER.log(Logger.Level.WARNING, message);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        executor.shutdown();
    }

    private static ThreadFactory daemons(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return action -> {
            Thread thread = new Thread(action, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
