package org.alcove.fiji;

import ij.IJ;
import ij.Macro;
import java.awt.EventQueue;
import java.util.List;
import java.util.Optional;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.catalog.OpEntry;
import org.alcove.gui.EnvironmentsWindow;

/** What the entries in ImageJ's menus do. */
public final class Commands {
    private Commands() {}

    /**
     * Does what the argument of a menu entry says: {@code environments}, {@code refresh}, {@code folders}, {@code about},
     * {@code start}, which shows the ops in the menus and says nothing, or {@code op} with an op's name and file. Blocks until
     * that is done; not on the event thread, where another does it.
     */
    public static void run(String argument) {
        if (EventQueue.isDispatchThread()) {
            String options = Macro.getOptions();
            Thread thread = new Thread(() -> run(argument), (options == null ? "" : "Run$_") + "alcove command");
            Macro.setOptions(thread, options);
            thread.start();
            return;
        }
        Session session = Session.current();
        session.attach();
        String options = Macro.getOptions();
        boolean isQuiet = argument.equals("start")
                || argument.equals("refresh") && options != null && options.contains("quiet");
        try {
            if (isQuiet) {
                start(session);
            } else {
                session.makeOpsFolder();
                StartOption.used(argument.equals("refresh"));
                run(session, argument);
            }
        } catch (AlcoveException failure) {
            Problems.tell(failure, null, Words.of("Commands.title"));
        }
    }

    private static void run(Session session, String argument) {
        Optional<OpCommand> op = OpCommand.of(session, argument);
        if (op.isPresent()) {
            op.get().run();
            return;
        }
        switch (argument) {
            case "environments" -> EnvironmentsWindow.open(session.alcove());
            case "refresh" -> refresh(session);
            case "folders" -> OpFoldersWindow.open(session);
            case "about" -> about(session);
            default -> throw new IllegalArgumentException(argument);
        }
    }

    /** At ImageJ's start nobody has asked for anything: what goes wrong is a line in the log. */
    private static void start(Session session) {
        try {
            session.refresh();
            session.describeRest(false);
            session.warmUpSoon();
        } catch (RuntimeException e) {
            IJ.log(Words.of("Commands.startFailed", e.getMessage() == null ? e.toString() : e.getMessage()));
        }
    }

    private static void refresh(Session session) {
        List<OpEntry> entries = session.refresh();
        session.describeRest(true);
        session.warmUpSoon();
        long broken = entries.stream().filter(entry -> entry.state() == OpEntry.State.BROKEN).count();
        IJ.showStatus(broken == 0
                ? Words.of("Commands.refreshed", entries.size())
                : Words.of("Commands.refreshedBroken", entries.size() - broken, broken));
    }

    private static void about(Session session) {
        IJ.showMessage(
                Words.of("Commands.title"),
                Words.of(
                        "Commands.about",
                        Alcove.version(),
                        session.opsFolder() == null ? "-" : session.opsFolder(),
                        session.dataDirectory(),
                        System.getProperty("java.version")));
    }
}
