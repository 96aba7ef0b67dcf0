package org.alcove.catalog;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.KnownOps;
import org.alcove.Mistake;

/**
 * The ops in some folders, as far as they are known without starting Python and without running an op file: for menus.
 *
 * <pre>{@code
 * OpCatalog catalog = OpCatalog.read(OpFolders.standard(folder), trusted, alcove.dataDirectory());
 * catalog.entries().forEach(menu::add);
 * }</pre>
 *
 * <p>The entries are what was found when it was read. Safe for use from several threads.
 */
public final class OpCatalog {
    private static final Duration LONGEST_DESCRIPTION = Duration.ofMinutes(1);

    private final TrustedOps trusted;
    private final KnownOps known;
    private final Map<Path, List<String>> menus;
    private final List<OpEntry> entries;

    private OpCatalog(FoundFiles found, TrustedOps trusted, KnownOps known) {
        this.trusted = trusted;
        this.known = known;
        this.menus = Map.copyOf(found.files());
        this.entries = List.copyOf(new EntryReader(known, trusted.snapshot()).read(found));
    }

    /**
     * Looks at the folders: reads the op files and the local modules that they import, and nothing else.
     *
     * @param folders in the order of menus; a file that is reached twice counts once
     * @param dataDirectory the one whose cache says what op files were found to hold
     */
    public static OpCatalog read(List<OpFolder> folders, TrustedOps trusted, Path dataDirectory) {
        return new OpCatalog(FoundFiles.in(folders), trusted, KnownOps.in(dataDirectory));
    }

    /** What was found, in the order of folders, files and ops; a folder that cannot be read is an entry, too. */
    public List<OpEntry> entries() {
        return entries;
    }

    /** What is known of an op file now: after it was trusted, described or edited. Nothing when it is no op file. */
    public List<OpEntry> entriesOf(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return new EntryReader(known, trusted.snapshot()).read(absolute, menu(absolute));
    }

    /**
     * Describes an op file, which runs its module in a throwaway process of the toolbox, unless that is known. Interrupting
     * the thread cancels it.
     *
     * @return what {@link #entriesOf} then gives; a broken entry when the file does not load
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when the file is not trusted; else when something is wrong that
     *     is not the file's fault
     */
    public List<OpEntry> describe(Alcove alcove, Path file) {
        if (!trusted.isTrusted(file)) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED,
                    file.getFileName() + " is new or has changed, and nobody has agreed to run it",
                    "agree to it once: choose its command in ImageJ's menu, or trust its folder with ALCOVE_TRUSTED_OPS",
                    Map.of("cause", "untrusted"));
        }
        try {
            alcove.ops(file);
        } catch (AlcoveException failure) {
            if (failure.kind() == ErrorKind.LOAD_FAILED || failure.kind() == ErrorKind.OP_FAILED) {
                return List.of(EntryReader.broken(file, menu(file), Mistake.in(failure, file)));
            }
            throw failure;
        }
        return entriesOf(file);
    }

    /**
     * Describes in the background whatever is trusted and was not described yet, one file after the other. Does nothing
     * while there is no toolbox: nothing is ever downloaded for it. A file that takes longer than a minute to load is
     * given up. {@code cancel(true)} stops it.
     *
     * @param again whether files that did not load are to be tried again
     * @param listener hears of the entries of each file that was described, on a thread of its own
     */
    public Future<Void> describeAll(Alcove alcove, boolean again, Consumer<List<OpEntry>> listener) {
        List<Path> files = entries.stream()
                .filter(entry -> entry.state() == OpEntry.State.UNKNOWN
                        || again && entry.state() == OpEntry.State.BROKEN && menus.containsKey(entry.file()))
                .map(OpEntry::file)
                .distinct()
                .toList();
        FutureTask<Void> task = new FutureTask<>(() -> {
            for (Path file : files) {
                if (Thread.currentThread().isInterrupted() || !alcove.isOpen() || !alcove.isPrepared()) {
                    return;
                }
                describeQuietly(alcove, file).ifPresent(listener);
            }
        }, null);
        start(task, "alcove-describing");
        return task;
    }

    /** Nothing when something else than the file is wrong: whoever calls the op will be told. */
    private Optional<List<OpEntry>> describeQuietly(Alcove alcove, Path file) {
        FutureTask<List<OpEntry>> task = new FutureTask<>(() -> describe(alcove, file));
        start(task, "alcove-describing-file");
        try {
            return Optional.of(task.get(LONGEST_DESCRIPTION.toSeconds(), TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            Mistake mistake = new Mistake(
                    file, 0, "the file takes longer than a minute to load", "move what takes long into the op's body");
            return Optional.of(List.of(EntryReader.broken(file, menu(file), List.of(mistake))));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.empty();
        } finally {
            task.cancel(true);
        }
    }

    private List<String> menu(Path file) {
        return menus.getOrDefault(file, List.of());
    }

    private static void start(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
