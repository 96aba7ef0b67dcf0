package org.alcove.fiji;

import ij.IJ;
import ij.ImageJ;
import ij.Menus;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Settings;
import org.alcove.catalog.OpCatalog;
import org.alcove.catalog.OpEntry;
import org.alcove.catalog.OpFolders;
import org.alcove.catalog.TrustedOps;

/**
 * What Alcove keeps for as long as an ImageJ runs: the manager with its workers, and which commands there are. One for each
 * JVM. Nothing here is for the event thread.
 */
public final class Session {
    private static final Session CURRENT = new Session(new Settings(), Settings.defaultDataDirectory());

    private final Settings settings;
    private final TrustedOps trusted;
    private final Path dataDirectory;
    private final OpMenu menu = new OpMenu(this::refreshSoon);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Object opening = new Object();
    private Alcove alcove; // guarded by opening
    private OpCatalog catalog; // guarded by this, as are the next
    private Future<?> describing;
    private List<OpEntry> entries = List.of();
    private ImageJ attached;

    Session(Settings settings, Path dataDirectory) {
        this.settings = settings;
        this.dataDirectory = dataDirectory;
        this.trusted = TrustedOps.in(dataDirectory);
    }

    /** The one of this JVM. */
    public static Session current() {
        return CURRENT;
    }

    /**
     * The manager, opened on first use and closed with ImageJ.
     *
     * @throws AlcoveException when one of its folders cannot be used
     */
    public Alcove alcove() {
        synchronized (opening) {
            if (alcove == null || !alcove.isOpen()) {
                alcove = Alcove.open(settings);
            }
            return alcove;
        }
    }

    /** The manager, if it is open. */
    Optional<Alcove> openAlcove() {
        synchronized (opening) {
            return Optional.ofNullable(alcove).filter(Alcove::isOpen);
        }
    }

    /** The folder that users drop op files into, {@code plugins/Alcove}; null where this ImageJ has no plugins folder. */
    public Path opsFolder() {
        String plugins = Menus.getPlugInsPath();
        return plugins == null ? null : Path.of(plugins, "Alcove").toAbsolutePath().normalize();
    }

    /** What stands in the menus now. */
    public synchronized List<OpEntry> entries() {
        return entries;
    }

    Path dataDirectory() {
        return dataDirectory;
    }

    TrustedOps trusted() {
        return trusted;
    }

    OpMenu menu() {
        return menu;
    }

    /**
     * Calls {@code listener} whenever the menus show something else than before; on any thread.
     *
     * @param listener may ask for {@link #entries}
     */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Looks at all folders anew and shows what is there. */
    List<OpEntry> refresh() {
        List<OpEntry> found;
        synchronized (this) {
            catalog = OpCatalog.read(OpFolders.standard(opsFolder()), trusted, dataDirectory);
            entries = catalog.entries();
            menu.show(entries, opsFolder());
            found = entries;
        }
        listeners.forEach(Runnable::run);
        return found;
    }

    /**
     * Describes in the background what is trusted and was not described yet.
     *
     * @param again whether to try again what did not load
     */
    void describeRest(boolean again) {
        boolean isNeeded = entries().stream()
                .anyMatch(entry -> entry.state() == OpEntry.State.UNKNOWN || again && entry.state() == OpEntry.State.BROKEN);
        if (!isNeeded) {
            return;
        }
        Alcove manager = alcove();
        synchronized (this) {
            if (describing != null) {
                describing.cancel(true); // what it has not come to is among what is described now
            }
            describing = catalog.describeAll(
                    manager, again, found -> found.stream().findFirst().ifPresent(entry -> look(entry.file())));
        }
    }

    /** What an op file holds as it is now; the menus show it from now on. */
    List<OpEntry> look(Path file) {
        return show(file, catalog().entriesOf(file));
    }

    /**
     * Describes an op file, which takes a moment.
     *
     * @throws AlcoveException when that is not possible for a reason that is not the file's fault
     */
    List<OpEntry> describe(Path file) {
        return show(file, catalog().describe(alcove(), file));
    }

    private List<OpEntry> show(Path file, List<OpEntry> found) {
        if (isShown(file, found)) {
            listeners.forEach(Runnable::run);
        }
        return found;
    }

    /** Puts what was found in the place of what was known of the file; false when it is the same. */
    private synchronized boolean isShown(Path file, List<OpEntry> found) {
        List<OpEntry> changed = new ArrayList<>();
        boolean isPlaced = false;
        for (OpEntry entry : entries) {
            if (!entry.file().equals(file)) {
                changed.add(entry);
            } else if (!isPlaced) {
                changed.addAll(found);
                isPlaced = true;
            }
        }
        if (changed.equals(entries)) {
            return false;
        }
        entries = List.copyOf(changed);
        menu.show(entries, opsFolder());
        return true;
    }

    private OpCatalog catalog() {
        synchronized (this) {
            if (catalog != null) {
                return catalog;
            }
        }
        refresh();
        synchronized (this) {
            return catalog;
        }
    }

    /**
     * Does what the first command would have to wait for, where there are commands: opens the manager, which starts no Python,
     * and loads what dialogs are made of.
     */
    void warmUpSoon() {
        if (entries().stream().anyMatch(entry -> entry.state() != OpEntry.State.BROKEN)) {
            Thread thread = new Thread(this::warmUp, "alcove warm-up");
            thread.setDaemon(true);
            thread.setPriority(Thread.MIN_PRIORITY);
            thread.start();
        }
    }

    private void warmUp() {
        try {
            alcove();
            OpDialog.warmUp();
        } catch (AlcoveException e) {
            // The command that needs it tells of it.
        }
    }

    /** Makes the folder for op files, so that people find it. */
    void makeOpsFolder() {
        Path folder = opsFolder();
        if (folder != null && Files.isDirectory(folder.getParent()) && !Files.exists(folder)) {
            try {
                Files.createDirectory(folder);
            } catch (IOException e) {
                // An ImageJ that all users of a machine share: its folders are for others to change.
            }
        }
    }

    /** Hears of ImageJ's end, and of what it does to its menus. */
    synchronized void attach() {
        ImageJ imagej = IJ.getInstance();
        if (imagej == null || imagej == attached) {
            return;
        }
        if (attached == null) {
            ij.Executer.addCommandListener(new CommandWatch(this));
        }
        attached = imagej;
        imagej.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosed(WindowEvent e) {
                new Thread(Session.this::close, "alcove closing").start(); // the program may go on without ImageJ
            }
        });
    }

    private void refreshSoon() {
        Thread thread = new Thread(() -> {
            refresh();
            describeRest(false);
        }, "alcove menus");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends all workers; what comes later begins anew. */
    void close() {
        Alcove open;
        synchronized (opening) {
            open = alcove;
            alcove = null;
        }
        if (open != null) {
            open.close();
        }
    }

    /** The entry of an op of a file as it is now. */
    OpEntry entry(Path file, String op) {
        List<OpEntry> found = look(file);
        return found.stream()
                .filter(entry -> entry.op().equals(op) || entry.state() == OpEntry.State.BROKEN)
                .findFirst()
                .orElseThrow(() -> gone(file, found));
    }

    private AlcoveException gone(Path file, List<OpEntry> found) {
        if (Files.exists(file)) {
            List<String> titles = found.stream()
                    .map(entry -> menu.title(entry.file(), entry.op()).orElse(entry.title()))
                    .toList();
            return new AlcoveException(
                    ErrorKind.OP_NOT_FOUND,
                    Words.of("Session.opGone", file.getFileName()),
                    titles.isEmpty() ? null : Words.of("Session.opGoneHint", String.join(", ", titles)),
                    Map.of());
        }
        return new AlcoveException(
                ErrorKind.LOAD_FAILED,
                Words.of("Session.fileGone", file),
                Words.of("Session.fileGoneHint"),
                Map.of());
    }
}
