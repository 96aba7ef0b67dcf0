package org.alcove;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What a manager is opened with. Each method returns a changed copy; {@code new Settings()} has the defaults, which the
 * variables {@code ALCOVE_DATA_DIR}, {@code ALCOVE_MEMORY_DIR}, {@code ALCOVE_WORKERS}, {@code ALCOVE_WORKER_MEMORY},
 * {@code ALCOVE_IDLE_SECONDS}, {@code ALCOVE_QUEUE} and {@code ALCOVE_GPUS} override.
 *
 * <pre>{@code
 * Alcove.open(new Settings().dataDirectory(folder).onProgress(progress -> log(progress.message())))
 * }</pre>
 */
public final class Settings {
    private static final int MOST_WORKERS = 10_000;
    private static final int IDLE_SECONDS = 300;
    private static final int QUEUE_LENGTH = 1000;

    private Path dataDirectory;
    private Path memoryDirectory;
    private Consumer<Progress> listener = progress -> {};
    private boolean offline;
    private Integer workers;
    private Long workerMemory;
    private Duration idleTime;
    private Integer queueLength;
    private List<String> gpus;
    private Executor callbacks;

    /** The defaults. */
    public Settings() {}

    /** The folder that toolbox, environments and caches are kept in when nothing else is said; it need not be there yet. */
    public static Path defaultDataDirectory() {
        return Places.dataDirectory().path();
    }

    /** The folder of the user's own {@code settings.toml}; it need not be there yet. */
    public static Path configurationDirectory() {
        return Places.configurationDirectory(System.getenv(), System.getProperty("os.name"), System.getProperty("user.home"));
    }

    private Settings changed(Consumer<Settings> change) {
        Settings copy = new Settings();
        copy.dataDirectory = dataDirectory;
        copy.memoryDirectory = memoryDirectory;
        copy.listener = listener;
        copy.offline = offline;
        copy.workers = workers;
        copy.workerMemory = workerMemory;
        copy.idleTime = idleTime;
        copy.queueLength = queueLength;
        copy.gpus = gpus;
        copy.callbacks = callbacks;
        change.accept(copy);
        return copy;
    }

    /** Where toolbox, environments and caches are kept. */
    public Settings dataDirectory(Path folder) {
        return changed(copy -> copy.dataDirectory = folder.toAbsolutePath());
    }

    /** Where blocks of shared memory are made; it should be on a file system in memory. */
    public Settings memoryDirectory(Path folder) {
        return changed(copy -> copy.memoryDirectory = folder.toAbsolutePath());
    }

    /**
     * Who hears of the progress of all that has no listener of its own: of synchronous calls, and of the toolbox and the
     * environments that they have to wait for. Right at the start it may hear that images go through files on disk,
     * because there is too little shared memory.
     */
    public Settings onProgress(Consumer<Progress> listener) {
        return changed(copy -> copy.listener = listener);
    }

    /**
     * Makes and changes environments without network, from what earlier downloads left on this machine; what ops download by
     * themselves ({@code alcove.download}) must be there, too.
     */
    public Settings offline(boolean offline) {
        return changed(copy -> copy.offline = offline);
    }

    /**
     * How many workers one environment has at most, each a process that runs one call at a time; from 1 on. As many as this
     * machine has cores when nothing is said. With a number, each gets an equal share of the cores for its threads; without
     * one, a worker that is alone gets them all.
     */
    public Settings workers(int most) {
        if (most < 1) {
            throw new IllegalArgumentException(most + " workers");
        }
        return changed(copy -> copy.workers = most);
    }

    /**
     * How much memory of its own a worker may use, in bytes, shared arrays apart. One that uses more is ended, and its call
     * fails with kind {@code MEMORY_EXCEEDED}. Without limit when nothing is said.
     */
    public Settings workerMemory(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(bytes + " bytes");
        }
        return changed(copy -> copy.workerMemory = bytes);
    }

    /** How long a worker that has nothing to do is kept for the next call; five minutes when nothing is said. */
    public Settings idleTime(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("an idle time of " + time);
        }
        return changed(copy -> copy.idleTime = time);
    }

    /**
     * How many calls of one caller may wait for a worker before {@link Op#callAsync} waits, too; 1000 when nothing is said.
     */
    public Settings queueLength(int calls) {
        if (calls < 1) {
            throw new IllegalArgumentException("a queue of " + calls);
        }
        return changed(copy -> copy.queueLength = calls);
    }

    /**
     * The graphics cards that ops which say {@code gpu} may use, each as {@code CUDA_VISIBLE_DEVICES} names it: a number, an
     * identifier, or several with commas between for a worker that shall see them together. One call at a time runs on each.
     * When nothing is said, those in that variable of this process, else all of the machine.
     */
    public Settings gpus(List<String> cards) {
        if (cards.isEmpty()) {
            throw new IllegalArgumentException("no card");
        }
        List<String> copied = List.copyOf(cards);
        return changed(copy -> copy.gpus = copied);
    }

    /** Who runs the listeners and futures of calls; threads of Alcove's own when nothing is said. */
    public Settings callbacks(Executor executor) {
        Objects.requireNonNull(executor);
        return changed(copy -> copy.callbacks = executor);
    }

    /** The chosen number of workers; nothing where each core may have one. */
    OptionalInt workers() {
        long most = workers != null ? workers : number("ALCOVE_WORKERS", 1, MOST_WORKERS, 0);
        return most == 0 ? OptionalInt.empty() : OptionalInt.of((int) most);
    }

    /** The limit in bytes; 0 for none. */
    long workerMemory() {
        return workerMemory != null ? workerMemory : number("ALCOVE_WORKER_MEMORY", 1, Long.MAX_VALUE, 0);
    }

    Duration idleTime() {
        return idleTime != null
                ? idleTime
                : Duration.ofSeconds(number("ALCOVE_IDLE_SECONDS", 0, Integer.MAX_VALUE, IDLE_SECONDS));
    }

    int queueLength() {
        return queueLength != null ? queueLength : (int) number("ALCOVE_QUEUE", 1, Integer.MAX_VALUE, QUEUE_LENGTH);
    }

    /** The chosen cards; nothing where the machine shall be asked. */
    Optional<List<String>> gpus() {
        return gpus != null ? Optional.of(gpus) : Gpus.listed(System.getenv("ALCOVE_GPUS"));
    }

    /** Nothing where Alcove's own threads do it. */
    Optional<Executor> callbacks() {
        return Optional.ofNullable(callbacks);
    }

    /** The whole number in a variable of this process. */
    private static long number(String variable, long least, long most, long unsaid) {
        String text = System.getenv(variable);
        if (text == null || text.isBlank()) {
            return unsaid;
        }
        try {
            long number = Long.parseLong(text.strip());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // falls through
        }
        throw new AlcoveException(
                ErrorKind.INVALID_PARAMS,
                "the variable " + variable + " is \"" + text + "\", not a whole number from " + least + " on",
                "change it, or unset it for the default");
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
