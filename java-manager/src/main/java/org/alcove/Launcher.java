package org.alcove;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Starts all child processes from one thread that never ends. On Linux a child can ask for a signal at its parent's
 * death, and the kernel takes "parent" to be the thread that started it.
 */
final class Launcher {
    private static final LinkedBlockingQueue<FutureTask<Process>> TASKS = new LinkedBlockingQueue<>();

    static {
        Thread thread = new Thread(Launcher::run, "alcove-launcher");
        thread.setDaemon(true);
        thread.start();
    }

    private Launcher() {}

    static Process start(ProcessBuilder builder) throws IOException {
        FutureTask<Process> task = new FutureTask<>((Callable<Process>) builder::start);
        TASKS.add(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting " + builder.command().get(0));
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }

    private static void run() {
        while (true) {
            try {
                TASKS.take().run();
            } catch (InterruptedException e) {
                // Nobody may end this thread.
            }
        }
    }
}
