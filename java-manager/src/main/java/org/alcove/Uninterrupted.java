package org.alcove;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Work on files that no interrupt of the caller may reach: Java answers one by closing the channel, and closing any
 * channel of a file drops all locks that the program has on it.
 */
final class Uninterrupted {
    private Uninterrupted() {}

    /** Does the work in a thread of its own, which nobody knows, and waits for it. */
    static <T> T call(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, Uninterrupted::start).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof AlcoveException failure) {
                throw failure.thrownHere();
            }
            throw e;
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "alcove-files");
        thread.setDaemon(true);
        thread.start();
    }
}
