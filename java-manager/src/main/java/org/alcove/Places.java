package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Where things live on this machine, and why there. */
final class Places {
    private static final long SMALLEST_USEFUL_MEMORY = 128L << 20;

    /**
     * A folder, and what decided on it: the variable's name or "the platform's default".
     *
     * @param isTemporary whether it is a folder among the temporary ones, to be made and to be kept from others
     */
    record Place(Path path, String reason, boolean isTemporary) {
        Place(Path path, String reason) {
            this(path, reason, false);
        }
    }

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

    /** The folder of settings for all users of this machine. */
    static Path machineConfiguration(Map<String, String> variables, String operatingSystem) {
        String system = operatingSystem.toLowerCase(Locale.ROOT);
        if (system.startsWith("windows")) {
            return Path.of(variables.getOrDefault("PROGRAMDATA", "C:/ProgramData"), "Alcove");
        }
        return Path.of(system.startsWith("mac") ? "/Library/Application Support/Alcove" : "/etc/alcove");
    }

    /** The folder of this user's settings. */
    static Path userConfiguration(Map<String, String> variables, String operatingSystem, String home) {
        String system = operatingSystem.toLowerCase(Locale.ROOT);
        if (system.startsWith("windows")) {
            return Path.of(variables.getOrDefault("APPDATA", home + "/AppData/Roaming"), "Alcove");
        } else if (system.startsWith("mac")) {
            return Path.of(home, "Library", "Application Support", "Alcove");
        }
        String configuration = variables.getOrDefault("XDG_CONFIG_HOME", "");
        return Path.of(configuration.startsWith("/") ? configuration : home + "/.config", "alcove");
    }

    /** The same, or the folder of the file that {@code ALCOVE_SETTINGS} names. */
    static Path configurationDirectory(Map<String, String> variables, String operatingSystem, String home) {
        String named = variables.getOrDefault("ALCOVE_SETTINGS", "");
        return named.isBlank()
                ? userConfiguration(variables, operatingSystem, home)
                : Path.of(named).toAbsolutePath().getParent();
    }

    /**
     * Blocks of shared memory: {@code /dev/shm} where there is one with room, else a private temporary folder whose files
     * are mapped; {@code ALCOVE_MEMORY_DIR} overrides.
     */
    static Place memoryDirectory() {
        return memoryDirectory(System.getenv(), Path.of("/dev/shm"));
    }

    static Place memoryDirectory(Map<String, String> variables, Path shared) {
        String chosen = variables.get("ALCOVE_MEMORY_DIR");
        if (chosen != null && !chosen.isBlank()) {
            return new Place(Path.of(chosen).toAbsolutePath(), "ALCOVE_MEMORY_DIR");
        }
        String user = System.getProperty("user.name").replaceAll("[^A-Za-z0-9]", "_");
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"), "alcove-memory-" + user).toAbsolutePath();
        if (!Files.isDirectory(shared)) {
            return new Place(temporary, "this platform has no " + shared, true);
        } else if (!Files.isWritable(shared)) {
            return new Place(temporary, shared + " cannot be written to", true);
        }
        try {
            // Docker's default of 64 MiB does not hold one image.
            return BlockFiles.freeBytes(shared) < SMALLEST_USEFUL_MEMORY
                    ? new Place(temporary, shared + " has less than 128 MiB free", true)
                    : new Place(shared, "the platform's default");
        } catch (IOException e) {
            return new Place(temporary, shared + " cannot be examined", true);
        }
    }

    /**
     * The folder, which exists then; a temporary one is this user's alone.
     *
     * @throws AlcoveException {@link ErrorKind#OUT_OF_SHARED_MEMORY} when it cannot be made, or is another user's
     */
    static Path prepared(Place place) {
        try {
            if (place.isTemporary()) {
                OwnerOnly.makeFolder(place.path());
            } else {
                Files.createDirectories(place.path());
            }
            return place.path();
        } catch (IOException e) {
            throw MemoryFolder.unusable(place.path(), e);
        }
    }

    /** What to tell those whose images go through files on disk, where memory is expected; once is enough. */
    static Optional<String> notice(Place place, String operatingSystem) {
        boolean isExpected = !place.isTemporary() || !operatingSystem.startsWith("Linux");
        return isExpected
                ? Optional.empty()
                : Optional.of(place.reason() + ": images go through files in " + place.path()
                        + ", which may be slower; ALCOVE_MEMORY_DIR names another folder, Docker's --shm-size makes room");
    }
}
