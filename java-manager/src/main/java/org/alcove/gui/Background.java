package org.alcove.gui;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.alcove.AlcoveException;
import org.alcove.CancelledException;
import org.alcove.ErrorKind;

/** Looks things up for a window, off the event dispatch thread and one after the other. */
final class Background implements AutoCloseable {
    private final ExecutorService thread;
    private volatile boolean isClosed;

    /** @param name of its thread */
    Background(String name) {
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
    }

    /**
     * Asks, and hands the answer over on the event dispatch thread. Neither is called once this is closed, or the future
     * that is returned is cancelled.
     */
    <T> Future<?> ask(Callable<T> question, Consumer<T> answer, Consumer<AlcoveException> failed) {
        Asking<T> asking = new Asking<>(question, answer, failed);
        try {
            asking.future = thread.submit(asking);
        } catch (RejectedExecutionException e) {
            // The window was closed meanwhile.
        }
        return asking.future;
    }

    @Override
    public void close() {
        isClosed = true;
        thread.shutdownNow();
    }

    /** What a failure of whatever kind is for the user. */
    static AlcoveException asAlcove(Throwable failure) {
        if (failure instanceof AlcoveException known) {
            return known;
        }
        AlcoveException unknown = new AlcoveException(
                ErrorKind.ENVIRONMENT_FAILED,
                failure.getMessage() == null ? failure.toString() : failure.getMessage(),
                null,
                Map.of());
        unknown.initCause(failure);
        return unknown;
    }

    private final class Asking<T> implements Runnable {
        private final Callable<T> question;
        private final Consumer<T> answer;
        private final Consumer<AlcoveException> failed;
        private volatile Future<?> future = CompletableFuture.completedFuture(null);

        Asking(Callable<T> question, Consumer<T> answer, Consumer<AlcoveException> failed) {
            this.question = question;
            this.answer = answer;
            this.failed = failed;
        }

        @Override
        public void run() {
            try {
                T known = question.call();
                tell(() -> answer.accept(known));
            } catch (CancelledException | CancellationException | InterruptedException e) {
                // Nobody wants to know it any more.
            } catch (Exception e) {
                tell(() -> failed.accept(asAlcove(e)));
            }
        }

        private void tell(Runnable action) {
            EventThread.run(() -> {
                if (!isClosed && !future.isCancelled()) {
                    action.run();
                }
            });
        }
    }
}
