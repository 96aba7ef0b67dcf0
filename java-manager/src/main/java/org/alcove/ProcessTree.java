package org.alcove;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A process and all that it started: a wrapper such as {@code sh} may stand before the real one, and what an op leaves
 * running shall not outlive its worker. Found are descendants, whoever is in the session or process group that the real
 * one leads, and, on Linux, whoever was started with the tree's mark among its variables: children that have lost their
 * parent and begun a session of their own.
 */
final class ProcessTree {
    private static final String VARIABLE = "ALCOVE_WORKER";
    private static final long MOST_MILLISECONDS_BETWEEN_LOOKS = 100;

    private final Process process;
    private final String mark;
    private final Map<Long, ProcessHandle> seen = new HashMap<>(); // guarded by this
    private volatile ProcessHandle leader;

    private ProcessTree(Process process, String mark) {
        this.process = process;
        this.mark = mark;
        this.leader = process.toHandle();
    }

    /** How to start the first process of a tree. */
    interface Start<E extends Exception> {
        Process start(ProcessBuilder builder) throws E;
    }

    /** Starts a process with a mark among its variables. */
    static <E extends Exception> ProcessTree start(ProcessBuilder builder, Start<E> start) throws E {
        String mark = UUID.randomUUID().toString();
        builder.environment().put(VARIABLE, mark);
        try {
            return new ProcessTree(start.start(builder), mark);
        } catch (Throwable e) {
            FullHeap.awaitRoom();
            killMarked(mark); // when memory runs out at the wrong moment there is a process, but nobody to tell
            throw e;
        }
    }

    private static void killMarked(String mark) {
        ProcessTable.read().tree(Set.of(), 0, VARIABLE + "=" + mark).stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .forEach(ProcessHandle::destroyForcibly);
    }

    Process process() {
        return process;
    }

    /** The interpreter says that it has this number. Whoever lies about it shall not have others killed. */
    void isLedBy(long pid) {
        members().stream().filter(member -> member.pid() == pid).findFirst().ifPresent(member -> leader = member);
    }

    /** The one that leads the session: the first of all, or what its wrapper started. */
    long leader() {
        return leader.pid();
    }

    /** Whoever is in it and lives. What was in it once is so for ever, however it has come away from its parents. */
    synchronized List<ProcessHandle> members() {
        ProcessTable table = ProcessTable.read();
        for (long pid : table.tree(roots(), session(table), VARIABLE + "=" + mark)) {
            if (!seen.containsKey(pid) || !seen.get(pid).isAlive()) {
                ProcessHandle.of(pid).ifPresent(handle -> seen.put(pid, handle));
            }
        }
        seen.values().removeIf(handle -> !handle.isAlive() || !table.contains(handle.pid()));
        return List.copyOf(seen.values());
    }

    /** The numbers of those that can be found quickly, as they were at most half a second ago. */
    synchronized Set<Long> recentMembers() {
        ProcessTable table = ProcessTable.recent(leader.pid());
        return table.tree(roots(), session(table), null);
    }

    private Set<Long> roots() {
        Set<Long> roots = new HashSet<>(seen.keySet());
        if (process.isAlive()) {
            roots.add(process.pid());
        }
        if (leader.isAlive()) {
            roots.add(leader.pid());
        }
        return roots;
    }

    /** The number of the session; 0 when it has ended, and another process got the number since. */
    private long session(ProcessTable table) {
        return leader.isAlive() || !table.contains(leader.pid()) ? leader.pid() : 0;
    }

    /** Asks all to end. */
    void terminate() {
        members().forEach(ProcessHandle::destroy);
    }

    /** Kills all at once; what they start while they are killed may remain, {@link #killAll} sees to that. */
    void kill() {
        members().forEach(ProcessHandle::destroyForcibly);
    }

    /** Kills until nobody is left; false when somebody still is after some time: the kernel may hold one back. */
    boolean killAll(long milliseconds) {
        return becomesEmpty(milliseconds, ProcessHandle::destroyForcibly);
    }

    /** Waits until all have ended; false when they have not within the time. */
    boolean awaitEnd(long milliseconds) {
        return becomesEmpty(milliseconds, member -> {});
    }

    private boolean becomesEmpty(long milliseconds, Consumer<ProcessHandle> eachTime) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        long pause = 1;
        for (List<ProcessHandle> left = members(); !left.isEmpty(); left = members()) {
            left.forEach(eachTime);
            try {
                Thread.sleep(pause); // nobody tells of the end of processes that are not our own children
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            if (System.nanoTime() > end) {
                return false;
            }
            pause = Math.min(2 * pause, MOST_MILLISECONDS_BETWEEN_LOOKS);
        }
        return true;
    }

    /** Kills a process and its descendants at once. */
    static void kill(Process process) {
        List<ProcessHandle> tree = process.descendants().toList(); // they cannot be found once their parent is dead
        process.destroyForcibly();
        tree.forEach(ProcessHandle::destroyForcibly);
    }
}
