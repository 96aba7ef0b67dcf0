package org.alcove;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a worker uses of the machine, with all its children.
 *
 * @param memoryBytes without blocks; 0 when nobody can tell, which is so everywhere but on Linux
 * @param cpuSeconds since it started, of it and of its children that live or were waited for
 */
record ProcessUsage(long memoryBytes, double cpuSeconds) {
    static final ProcessUsage NONE = new ProcessUsage(0, 0);
    private static final double TICKS_PER_SECOND = 100; // what Linux counts in wherever a JVM runs
    private static final int FIRST_TIME = 11; // of four in stat, after the name: user, system, and both of children

    /** That of these processes, as far as they live. What they share because one forked the other counts for each. */
    static ProcessUsage of(Set<Long> pids, Path memoryDirectory) {
        long bytes = 0;
        double seconds = 0;
        for (long pid : pids) {
            bytes += memoryBytes(pid, memoryDirectory, List.of("RssAnon:", "RssFile:"), "status");
            seconds += cpuSeconds(pid);
        }
        return new ProcessUsage(bytes, seconds);
    }

    /** That of a worker and its children; empty where nobody can tell, or there is no such process. */
    static Optional<ProcessUsage> of(long pid, Path memoryDirectory) {
        Set<Long> tree = ProcessTable.recent(pid).tree(Set.of(pid), pid, null);
        ProcessUsage usage = of(tree, memoryDirectory);
        return usage.memoryBytes == 0 ? Optional.empty() : Optional.of(usage);
    }

    /**
     * The memory of these processes, where what several share counts once. That takes some time: the kernel looks at every
     * page.
     */
    static long sharedOnceBytes(Set<Long> pids, Path memoryDirectory) {
        return pids.stream()
                .mapToLong(pid -> memoryBytes(pid, memoryDirectory, List.of("Pss_Anon:", "Pss_File:"), "smaps_rollup"))
                .sum();
    }

    private static long memoryBytes(long pid, Path memoryDirectory, List<String> names, String file) {
        Path folder = ProcessTable.FOLDER.resolve(Long.toString(pid));
        long bytes = 0;
        for (String line : lines(folder.resolve(file))) {
            if (names.stream().anyMatch(line::startsWith)) {
                bytes += kibibytes(line) * 1024;
            }
        }
        return bytes == 0 ? 0 : Math.max(1, bytes - blockBytes(folder, memoryDirectory));
    }

    /** What blocks account for: where the memory directory is a file system in memory, they count by another name. */
    private static long blockBytes(Path folder, Path memoryDirectory) {
        if (isInMemory(memoryDirectory)) {
            return 0;
        }
        long bytes = 0;
        boolean isBlock = false;
        for (String line : lines(folder.resolve("smaps"))) {
            if (Character.isLowerCase(line.charAt(0)) || Character.isDigit(line.charAt(0))) { // an address begins a mapping
                isBlock = line.contains(" " + memoryDirectory + "/");
            } else if (isBlock && line.startsWith("Rss:")) {
                bytes += kibibytes(line) * 1024;
            }
        }
        return bytes;
    }

    private static boolean isInMemory(Path directory) {
        try {
            return directory.startsWith("/dev/shm") || Files.getFileStore(directory).type().equals("tmpfs");
        } catch (IOException e) {
            return false;
        }
    }

    private static double cpuSeconds(long pid) {
        String[] members = ProcessTable.statistics(ProcessTable.FOLDER.resolve(Long.toString(pid)));
        double ticks = 0;
        for (int i = FIRST_TIME; i < FIRST_TIME + 4 && i < members.length; i++) {
            ticks += Long.parseLong(members[i]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of(); // it has ended
        }
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
