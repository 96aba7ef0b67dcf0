package org.alcove;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Ending a process together with its descendants: a wrapper such as {@code sh} may stand before the real one. */
final class ProcessTree {
    private static final long SECONDS_AFTER_TERMINATE = 2;
    private static final Map<Integer, String> SIGNALS = Map.of(
            1, "SIGHUP", 2, "SIGINT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV",
            14, "SIGALRM", 15, "SIGTERM");

    private ProcessTree() {}

    /** Terminates the tree, and kills what is still there two seconds later. */
    static void end(Process process) {
        // Descendants cannot be found any more once their parent is dead.
        List<ProcessHandle> tree = process.descendants().collect(Collectors.toList());
        tree.add(process.toHandle());
        tree.forEach(ProcessHandle::destroy);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_AFTER_TERMINATE);
        for (ProcessHandle handle : tree) {
            await(handle, end - System.nanoTime());
        }
        tree.forEach(ProcessHandle::destroyForcibly);
    }

    /** Kills the tree at once. */
    static void kill(Process process) {
        List<ProcessHandle> tree = process.descendants().collect(Collectors.toList());
        process.destroyForcibly();
        tree.forEach(ProcessHandle::destroyForcibly);
    }

    /** "exit code 3" or "SIGKILL (probably out of memory)". */
    static String describeExit(int exitCode) {
        // The JDK reports the end by signal N as 128 + N on POSIX.
        String signal = exitCode > 128 ? SIGNALS.get(exitCode - 128) : null;
        if (signal == null) {
            return "exit code " + exitCode;
        }
        return signal.equals("SIGKILL") ? "SIGKILL (killed, probably because memory ran out)" : signal;
    }

    private static void await(ProcessHandle handle, long nanoseconds) {
        try {
            handle.onExit().get(Math.max(nanoseconds, 0), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            // It is killed next.
        }
    }
}
