package org.alcove;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a manager is opened with. Each method returns a changed copy; {@code new Settings()} has the defaults, which the
 * variables {@code ALCOVE_DATA_DIR} and {@code ALCOVE_MEMORY_DIR} override.
 *
 * <pre>{@code
 * Alcove.open(new Settings().dataDirectory(folder).onProgress(progress -> log(progress.message())))
 * }</pre>
 */
public final class Settings {
    private final Path dataDirectory;
    private final Path memoryDirectory;
    private final Consumer<Progress> listener;
    private final boolean offline;

    /** The defaults. */
    public Settings() {
        this(null, null, progress -> {}, false);
    }

    private Settings(Path dataDirectory, Path memoryDirectory, Consumer<Progress> listener, boolean offline) {
        this.dataDirectory = dataDirectory;
        this.memoryDirectory = memoryDirectory;
        this.listener = listener;
        this.offline = offline;
    }

    /** Where toolbox, environments and caches are kept. */
    public Settings dataDirectory(Path folder) {
        return new Settings(folder.toAbsolutePath(), memoryDirectory, listener, offline);
    }

    /** Where blocks of shared memory are made; it should be on a file system in memory. */
    public Settings memoryDirectory(Path folder) {
        return new Settings(dataDirectory, folder.toAbsolutePath(), listener, offline);
    }

    /**
     * Who hears of the progress of all that has no listener of its own: of synchronous calls, and of the toolbox and the
     * environments that they have to wait for. Right at the start it may hear that images go through files on disk,
     * because there is too little shared memory.
     */
    public Settings onProgress(Consumer<Progress> listener) {
        return new Settings(dataDirectory, memoryDirectory, listener, offline);
    }

    /** Makes and changes environments without network, from what earlier downloads left on this machine. */
    public Settings offline(boolean offline) {
        return new Settings(dataDirectory, memoryDirectory, listener, offline);
    }

    Path dataDirectory() {
        return dataDirectory != null ? dataDirectory : Places.dataDirectory().path();
    }

    Places.Place memoryDirectory() {
        return memoryDirectory != null ? new Places.Place(memoryDirectory, "chosen") : Places.memoryDirectory();
    }

    /** The variables of this process, and what these settings say beyond them. */
    Map<String, String> variables() {
        Map<String, String> variables = new HashMap<>(System.getenv());
        if (offline) {
            variables.put("ALCOVE_OFFLINE", "1");
        }
        return variables;
    }

    boolean isOffline() {
        return offline;
    }

    Consumer<Progress> listener() {
        return listener;
    }
}
