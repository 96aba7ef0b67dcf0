package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where things live on this machine, and why there. */
final class Places {
    private static final long SMALLEST_USEFUL_MEMORY = 128L << 20;

    /** A folder, and what decided on it: the variable's name or "the platform's default". */
    record Place(Path path, String reason) {}

    private Places() {}

    /** Toolbox, environments, caches: the platform's folder for data, {@code ALCOVE_DATA_DIR} overrides. */
    static Place dataDirectory(Map<String, String> variables, String operatingSystem, String home) {
        String chosen = variables.get("ALCOVE_DATA_DIR");
        if (chosen != null && !chosen.isBlank()) {
            return new Place(Path.of(chosen).toAbsolutePath(), "ALCOVE_DATA_DIR");
        }
        String system = operatingSystem.toLowerCase(Locale.ROOT);
        if (system.startsWith("windows")) {
            String local = variables.get("LOCALAPPDATA");
            return local != null
                    ? new Place(Path.of(local, "Alcove"), "LOCALAPPDATA")
                    : new Place(Path.of(home, "AppData", "Local", "Alcove"), "the platform's default");
        }
        // Java takes the home folder from the list of users, everybody else from here.
        String unixHome = variables.getOrDefault("HOME", "").startsWith("/") ? variables.get("HOME") : home;
        if (system.startsWith("mac")) {
            return new Place(Path.of(unixHome, "Library", "Application Support", "Alcove"), "the platform's default");
        }
        String data = variables.get("XDG_DATA_HOME");
        return data != null && data.startsWith("/")
                ? new Place(Path.of(data, "alcove"), "XDG_DATA_HOME")
                : new Place(Path.of(unixHome, ".local", "share", "alcove"), "the platform's default");
    }

    static Place dataDirectory() {
        return dataDirectory(System.getenv(), System.getProperty("os.name"), System.getProperty("user.home"));
    }

    /**
     * Blocks of shared memory: {@code /dev/shm} where there is one with room, else a private temporary folder whose files
     * are mapped; {@code ALCOVE_MEMORY_DIR} overrides.
     */
    static Place memoryDirectory() {
        String chosen = System.getenv("ALCOVE_MEMORY_DIR");
        if (chosen != null && !chosen.isBlank()) {
            return new Place(Path.of(chosen).toAbsolutePath(), "ALCOVE_MEMORY_DIR");
        }
        Path shared = Path.of("/dev/shm");
        String user = System.getProperty("user.name").replaceAll("[^A-Za-z0-9]", "_");
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"), "alcove-memory-" + user);
        if (!Files.isDirectory(shared) || !Files.isWritable(shared)) {
            return new Place(temporary, "this platform has no /dev/shm");
        }
        try {
            // Docker's default of 64 MiB does not hold one image.
            if (SharedMemory.freeBytes(shared) < SMALLEST_USEFUL_MEMORY) {
                return new Place(temporary, "/dev/shm has less than 128 MiB free");
            }
        } catch (IOException e) {
            return new Place(temporary, "/dev/shm cannot be examined");
        }
        return new Place(shared, "the platform's default");
    }
}
