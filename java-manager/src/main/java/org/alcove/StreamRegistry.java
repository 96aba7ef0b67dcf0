package org.alcove;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Which control files of streams this JVM has open. Closing any descriptor of such a file drops all locks that the process
 * has on it, so this copy of the class has at most one, and closes it only when no other copy has one: a plugin host has
 * several class loaders. All methods but {@link #key} are called with the registry itself locked.
 */
final class StreamRegistry {
    /**
     * A system property, because all copies see it. As a literal it is one object for them, and so a lock. It stays a
     * text: who lists the system properties, as programs do in their reports, fails at any other type.
     */
    static final String OPEN = "org.alcove.streams";

    private static final String COPY = UUID.randomUUID() + " ";
    private static final Map<String, StreamFile> FILES = new HashMap<>();
    private static final Map<FileChannel, String> TO_BE_CLOSED = new HashMap<>();

    private StreamRegistry() {}

    /** What tells this file from all others for as long as it is open, whatever its name; null when there is none. */
    static String key(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            Object key = attributes.fileKey();
            return key != null ? key.toString() : file.toAbsolutePath() + " " + attributes.creationTime();
        } catch (IOException e) {
            return null;
        }
    }

    /** The file of this key if this copy has it open. */
    static StreamFile find(String key) {
        return FILES.get(key);
    }

    static boolean isOpen(String key) {
        return lines().stream().anyMatch(line -> line.endsWith(" " + key));
    }

    static void add(String key, StreamFile file) {
        FILES.put(key, file);
        List<String> lines = lines();
        lines.add(COPY + key);
        System.setProperty(OPEN, String.join("\n", lines));
    }

    static void remove(String key) {
        FILES.remove(key);
        List<String> lines = lines();
        lines.remove(COPY + key);
        System.setProperty(OPEN, String.join("\n", lines));
    }

    /** Closes the channel as soon as it may be closed. */
    static void close(FileChannel channel, String key) {
        TO_BE_CLOSED.put(channel, key);
        closeWhatMayBe();
    }

    static void closeWhatMayBe() {
        TO_BE_CLOSED.entrySet().removeIf(entry -> !isOpen(entry.getValue()) && close(entry.getKey()));
    }

    private static boolean close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing was written through it.
        }
        return true;
    }

    private static List<String> lines() {
        String text = System.getProperty(OPEN, "");
        return new ArrayList<>(text.isEmpty() ? List.of() : List.of(text.split("\n")));
    }
}
