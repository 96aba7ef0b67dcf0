package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * How much memory this machine, or the group of processes that this one is confined to, has left.
 *
 * @param available so many bytes processes can get before others suffer
 * @param total so many bytes there are
 */
record FreeMemory(long available, long total) {
    /** Where nobody can tell, which is so everywhere but on Linux. */
    static final FreeMemory UNKNOWN = new FreeMemory(Long.MAX_VALUE, Long.MAX_VALUE);
    private static final double SHORT = 0.05;
    private static final long BYTES_IN_KILOBYTE = 1024;

    /** Looks now. */
    static FreeMemory now() {
        return of(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    }

    static FreeMemory of(Path proc, Path cgroups) {
        try {
            Map<String, Long> machine = numbers(proc.resolve("meminfo"), ":\\s*|\\s+");
            Long available = machine.get("MemAvailable");
            Long total = machine.get("MemTotal");
            return available == null || total == null
                    ? UNKNOWN
                    : new FreeMemory(available * BYTES_IN_KILOBYTE, total * BYTES_IN_KILOBYTE)
                            .within(cgroups.resolve(cgroup(proc)));
        } catch (IOException | RuntimeException e) {
            return UNKNOWN;
        }
    }

    /** Whether so little is left that workers which have nothing to do should go. */
    boolean isShort() {
        return available < total * SHORT;
    }

    /** Containers and batch systems confine processes to a group (version 2 of control groups). */
    private FreeMemory within(Path group) {
        try {
            long limit = Long.parseLong(Files.readString(group.resolve("memory.max")).strip());
            long used = Long.parseLong(Files.readString(group.resolve("memory.current")).strip());
            long cache = numbers(group.resolve("memory.stat"), " ").getOrDefault("inactive_file", 0L);
            return new FreeMemory(Math.min(available, Math.max(0, limit - used + cache)), Math.min(total, limit));
        } catch (IOException | NumberFormatException noLimit) {
            return this;
        }
    }

    private static String cgroup(Path proc) throws IOException {
        return Files.readAllLines(proc.resolve("self").resolve("cgroup")).stream()
                .filter(line -> line.startsWith("0::/"))
                .map(line -> line.substring("0::/".length()))
                .findFirst()
                .orElse("");
    }

    private static Map<String, Long> numbers(Path file, String separators) throws IOException {
        Map<String, Long> numbers = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] words = line.split(separators);
            if (words.length > 1 && words[1].matches("[0-9]{1,18}")) {
                numbers.put(words[0], Long.parseLong(words[1]));
            }
        }
        return numbers;
    }
}
