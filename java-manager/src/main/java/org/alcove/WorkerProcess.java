package org.alcove;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The processes of a worker: the interpreter, wrappers that stand before it, and what ops have started. */
final class WorkerProcess {
    private static final long SECONDS_TO_STOP = 5;
    private static final long MILLISECONDS_AFTER_TERMINATE = 2000;
    private static final long MILLISECONDS_AFTER_KILL = 5000;

    private final Launch launch;
    private final List<String> command;
    private final ProcessTree tree;
    private final Process process;

    private WorkerProcess(Launch launch, List<String> command, ProcessTree tree) {
        this.launch = launch;
        this.command = command;
        this.tree = tree;
        this.process = tree.process();
    }

    /**
     * Starts it.
     *
     * @throws AlcoveException {@link ErrorKind#START_FAILED}
     */
    static WorkerProcess start(Launch launch, Allotment allotment) {
        ProcessBuilder builder = launch.processBuilder(allotment);
        return new WorkerProcess(
                launch, builder.command(), ProcessTree.start(builder, each -> launch.start(each, "the worker")));
    }

    /** The first process: the interpreter, or a wrapper before it. */
    Process process() {
        return process;
    }

    List<String> command() {
        return command;
    }

    /** The interpreter has said its number. */
    void isLedBy(long pid) {
        tree.isLedBy(pid);
    }

    /** The interpreter's number; that of the first process until it is known. */
    long pid() {
        return tree.leader();
    }

    ProcessUsage usage(Path memoryDirectory) {
        return ProcessUsage.of(tree.recentMembers(), memoryDirectory);
    }

    /** The memory that its processes use, where what they share counts once; quick unless the sum is above the limit. */
    long memoryBytes(Path memoryDirectory, long limitBytes) {
        Set<Long> members = tree.recentMembers();
        long bytes = ProcessUsage.of(members, memoryDirectory).memoryBytes();
        boolean mayShare = bytes > limitBytes && members.size() > 1;
        long sharedOnce = mayShare ? ProcessUsage.sharedOnceBytes(members, memoryDirectory) : 0;
        return sharedOnce > 0 ? sharedOnce : bytes;
    }

    /** Waits until the worker, which has been told to stop, has ended, and makes it when it does not. */
    void end() {
        tree.members(); // who comes away from its parents from now on is known
        if (!endsWithin(SECONDS_TO_STOP * 1000)) {
            tree.terminate();
            if (!tree.awaitEnd(MILLISECONDS_AFTER_TERMINATE)) {
                tree.killAll(MILLISECONDS_AFTER_KILL);
            }
        }
    }

    boolean endsWithin(long milliseconds) {
        try {
            return process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Kills it with all that it started. */
    void kill() {
        tree.kill();
    }

    /** Ends what ops have left running, once the worker has ended. */
    void killLeftovers() {
        tree.killAll(MILLISECONDS_AFTER_KILL);
    }

    /** "exit code 3", or "SIGSEGV". */
    String howItEnded() {
        return process.isAlive() ? "closed its output" : ProcessExit.describe(process.exitValue());
    }

    /**
     * The failure of whoever needed it, which has ended by itself.
     *
     * @param op what it ran, null for nothing
     */
    AlcoveException died(boolean wasReady, String op, BoundedLog log) {
        String how = process.isAlive() ? howItEnded() : "ended: " + howItEnded();
        return new AlcoveException(
                wasReady ? ErrorKind.WORKER_DIED : ErrorKind.START_FAILED,
                "the worker for " + launch.name() + " " + how + log.lastWords(),
                wasReady
                        ? "the op, or a library that it uses, ended the process; the next call starts a new worker"
                        : "remove the environment and try again; details are in the worker's last lines",
                report(op, log));
    }

    /** The failure of whoever ran in it when it used too much memory. */
    AlcoveException exceeded(long usedBytes, long limitBytes, String op, BoundedLog log) {
        Map<String, Object> report = report(op, log);
        report.put("used_bytes", usedBytes);
        report.put("limit_bytes", limitBytes);
        return new AlcoveException(
                ErrorKind.MEMORY_EXCEEDED,
                "the worker for " + launch.name() + " was ended: it used " + mebibytes(usedBytes) + " MiB of memory, and may use "
                        + mebibytes(limitBytes),
                "give the op less at a time, or allow workers more memory",
                report);
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }

    /** What a report of its end needs. */
    Map<String, Object> report(String op, BoundedLog log) {
        Map<String, Object> report = new HashMap<>();
        report.put("command", command);
        report.put("pid", pid());
        report.put("op", op);
        if (!process.isAlive()) {
            report.put("exit_code", process.exitValue());
            report.put("signal", ProcessExit.signal(process.exitValue()).orElse(null));
        }
        report.put("stderr", log.linesOfCall());
        return report;
    }
}
