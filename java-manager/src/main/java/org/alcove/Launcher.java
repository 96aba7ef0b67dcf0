package org.alcove;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Starts all child processes from one thread that lives as long as any of them does. On Linux a child can ask for a signal
 * at its parent's death, and the kernel takes "parent" to be the thread that started it.
 */
final class Launcher {
    private static final Deque<FutureTask<Process>> TASKS = new ArrayDeque<>(); // guarded by itself, as are the next
    private static int children;
    private static boolean runs;

    private Launcher() {}

    static Process start(ProcessBuilder builder) throws IOException {
        FutureTask<Process> task = new FutureTask<>((Callable<Process>) builder::start);
        enqueue(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            endWhenStarted(task);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting " + builder.command().get(0));
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }

    private static void enqueue(FutureTask<Process> task) {
        synchronized (TASKS) {
            if (!runs) {
                Thread thread = new Thread(Launcher::run, "alcove-launcher");
                thread.setDaemon(true);
                thread.start();
                runs = true;
            }
            TASKS.addLast(task);
            TASKS.notifyAll();
        }
    }

    /** Nobody will have the process, so nobody else would end it. */
    private static void endWhenStarted(FutureTask<Process> abandoned) {
        enqueue(new FutureTask<>(() -> {
            ProcessTree.kill(abandoned.get()); // which came before this one
            return null;
        }));
    }

    private static void run() {
        while (true) {
            FutureTask<Process> task;
            synchronized (TASKS) {
                while (TASKS.isEmpty()) {
                    if (children == 0) {
                        runs = false;
                        return;
                    }
                    await();
                }
                task = TASKS.removeFirst();
                children++;
            }
            task.run();
            try {
                whenEnded(task, Launcher::ended);
            } catch (OutOfMemoryError e) {
                // It counts as a living child for ever; the thread must not end, for others wait for it.
            }
        }
    }

    private static void await() {
        try {
            TASKS.wait();
        } catch (InterruptedException e) {
            // Nobody may end this thread.
        }
    }

    private static void whenEnded(FutureTask<Process> started, Runnable then) {
        try {
            Process process = started.get();
            if (process != null) {
                process.onExit().thenRun(then);
                return;
            }
        } catch (InterruptedException | ExecutionException e) {
            // It did not start.
        }
        then.run();
    }

    private static void ended() {
        synchronized (TASKS) {
            children--;
            TASKS.notifyAll();
        }
    }
}
