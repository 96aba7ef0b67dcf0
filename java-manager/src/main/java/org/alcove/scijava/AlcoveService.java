package org.alcove.scijava;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.CancelledException;
import org.alcove.Settings;
import org.alcove.catalog.OpCatalog;
import org.alcove.catalog.OpEntry;
import org.alcove.catalog.OpFolder;
import org.alcove.catalog.OpFolders;
import org.alcove.catalog.TrustedOps;
import org.scijava.app.StatusService;
import org.scijava.event.EventHandler;
import org.scijava.log.LogService;
import org.scijava.module.ModuleInfo;
import org.scijava.module.ModuleService;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.service.AbstractService;
import org.scijava.service.SciJavaService;
import org.scijava.service.Service;
import org.scijava.ui.UIService;
import org.scijava.ui.event.UIShownEvent;

/**
 * Ops as modules of a SciJava application. When the application starts, the op files in ImageJ's folder {@code
 * plugins/Alcove} and in the folders of {@link OpFolders} are looked at in the background, without running any; each op
 * becomes a module below <i>Plugins &gt; Alcove</i> that search and {@link ModuleService} find.
 *
 * <p>An op file that nobody has agreed to does not run: with a window the user is asked, without one the module fails.
 *
 * <pre>{@code
 * #@ AlcoveService alcove
 * #@ ImagePlus image
 * outputs = alcove.run("cells.py:segment", "image", image, "sigma", 2)
 * outputs["labels"].show()
 * }</pre>
 */
@Plugin(type = Service.class)
public final class AlcoveService extends AbstractService implements SciJavaService {
    @Parameter
    private ModuleService modules;

    @Parameter
    private LogService log;

    @Parameter(required = false)
    private StatusService status;

    @Parameter(required = false)
    private UIService windows;

    private final Object reading = new Object(); // held while op files are looked at, so that the last look counts
    private final OpModules known = new OpModules(this);
    private final Exchange exchange = Exchange.ofThisProgram();
    private Alcove chosen; // guarded by this, as are the next
    private Alcove own;
    private List<OpFolder> chosenFolders;
    private OpCatalog catalog;
    private Future<Void> describing;
    private boolean isDisposed;

    /** Looks at the op files in the background. */
    @Override
    public void initialize() {
        inBackground(this::refresh);
    }

    /**
     * Makes modules of other folders, run by another manager, which stays open when this service ends.
     *
     * @param folders in the order of menus
     */
    public void use(Alcove alcove, List<OpFolder> folders) {
        synchronized (this) {
            chosen = alcove;
            chosenFolders = List.copyOf(folders);
            catalog = null;
        }
        refresh();
    }

    /**
     * Looks at the op files anew and makes modules of their ops. What was not described yet is described in the background
     * where it is trusted, by ImageJ where there is one; until then such a module says nothing of its inputs, but runs.
     */
    public void refresh() {
        OpCatalog read;
        synchronized (reading) {
            read = OpCatalog.read(folders(), trusted(), dataDirectory());
            synchronized (this) {
                if (isDisposed) {
                    return;
                }
                catalog = read;
            }
            known.replaceAll(read.entries());
        }
        boolean isNeeded = read.entries().stream().anyMatch(entry -> entry.state() == OpEntry.State.UNKNOWN);
        if (isNeeded && isDescriber()) {
            describe(read);
        }
    }

    /** An ImageJ does it by itself, once it is shown. */
    private synchronized boolean isDescriber() {
        return chosen != null || !ImageJLink.isThere();
    }

    private void describe(OpCatalog read) {
        Alcove alcove = alcove();
        synchronized (this) {
            if (describing != null) {
                describing.cancel(true);
            }
            if (read == catalog && !isDisposed) {
                describing = read.describeAll(alcove, false, entries -> heard(read, entries));
            }
        }
    }

    private void heard(OpCatalog read, List<OpEntry> entries) {
        synchronized (reading) {
            synchronized (this) {
                if (read != catalog || isDisposed) {
                    return;
                }
            }
            known.replace(entries);
        }
    }

    /** The modules of all ops that are there; reads the op files first where that was not done. */
    public List<ModuleInfo> ops() {
        catalog();
        return known.all();
    }

    /**
     * Runs an op and waits, without any window but the question whether the op file is trusted.
     *
     * @param op the file's name or path and the op's name, {@code cells.py:segment}; or a title or an op's name that is the
     *     only one of its kind
     * @param inputs names and values in turn; what is not given has its default
     * @return the outputs by name: images of ImageJ where there is an ImageJ, else those of ImgLib2
     * @throws AlcoveException when there is no such op, an input does not fit, or the op fails
     */
    public Map<String, Object> run(String op, Object... inputs) {
        if (inputs.length % 2 != 0) {
            throw new IllegalArgumentException("inputs are names and values in turn, not " + inputs.length + " things");
        }
        Map<String, Object> byName = new LinkedHashMap<>();
        for (int i = 0; i < inputs.length; i += 2) {
            byName.put(String.valueOf(inputs[i]), inputs[i + 1]);
        }
        return run(op, byName);
    }

    /** As {@link #run(String, Object...)}, with the inputs by name. */
    public Map<String, Object> run(String op, Map<String, ?> inputs) {
        catalog();
        return new OpModule(this, described(known.find(op).entry())).outputs(inputs);
    }

    /** In Fiji, whose menus only ImageJ fills. */
    @EventHandler
    private void shown(UIShownEvent event) {
        inBackground(() -> {
            if (ImageJLink.isShown()) {
                ImageJLink.onChange(() -> inBackground(this::refresh));
                ImageJLink.fillMenus();
            }
        });
    }

    /** Ends the workers that this service has started. */
    @Override
    public void dispose() {
        Alcove opened;
        synchronized (this) {
            isDisposed = true;
            opened = own;
            own = null;
            if (describing != null) {
                describing.cancel(true);
            }
        }
        if (opened != null) {
            opened.close();
        }
    }

    ModuleService modules() {
        return modules;
    }

    Exchange exchange() {
        return exchange;
    }

    /** The manager that runs ops, opened when it is first needed. */
    Alcove alcove() {
        synchronized (this) {
            if (chosen != null) {
                return chosen;
            }
        }
        if (ImageJLink.isShown()) {
            return ImageJLink.alcove();
        }
        synchronized (this) {
            if (isDisposed) {
                throw new CancelledException("the application has ended");
            }
            if (own == null) {
                own = Alcove.open();
            }
            return own;
        }
    }

    /** Where progress is shown. */
    StatusLine statusLine(String title) {
        return new StatusLine(status, title);
    }

    /** What an op takes, described now where that was not done yet. */
    OpModuleInfo described(OpEntry entry) {
        consent().require(entry.file());
        if (entry.descriptor().isPresent()) {
            return known.info(entry);
        }
        consent().requireToolbox(alcove());
        OpCatalog read = catalog();
        List<OpEntry> entries = read.describe(alcove(), entry.file());
        heard(read, entries);
        return known.named(entries, entry);
    }

    /** Asks the user where that is possible. */
    Consent consent() {
        return new Consent(trusted(), windows);
    }

    private TrustedOps trusted() {
        return TrustedOps.in(dataDirectory());
    }

    private synchronized Path dataDirectory() {
        return chosen == null ? Settings.defaultDataDirectory() : chosen.dataDirectory();
    }

    private List<OpFolder> folders() {
        synchronized (this) {
            if (chosenFolders != null) {
                return chosenFolders;
            }
        }
        return OpFolders.standard(ImageJLink.isThere() ? ImageJLink.opsFolder() : null);
    }

    private OpCatalog catalog() {
        OpCatalog read;
        synchronized (this) {
            read = catalog;
        }
        if (read == null) {
            refresh();
            return catalog();
        }
        return read;
    }

    private void inBackground(Runnable work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (AlcoveException | LinkageError e) {
                        log.warn("Alcove's ops are not there: " + e.getMessage());
                    }
                },
                "alcove-modules");
        thread.setDaemon(true);
        thread.start();
    }
}
