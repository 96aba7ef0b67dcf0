package org.alcove.gui;

import java.awt.Component;
import java.awt.GraphicsEnvironment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Call;
import org.alcove.CancelledException;

/** What failed: the author's file, line and message first, then what to do, then details for those who want them. */
public final class FailureWindow {
    /** Opens a file for its author. */
    @FunctionalInterface
    public interface Opener {
        /**
         * Shows the file; may block.
         *
         * @param line from 1, or 0 when none is meant
         */
        void open(Path file, int line);
    }

    /** More at once nobody can read: what comes then is only counted. */
    static final int MOST_WINDOWS = 4;

    private static final List<FailureFrame> OPEN = new ArrayList<>(); // used on the event thread alone

    private FailureWindow() {}

    /**
     * Opens a window that blocks nothing else. May be called on any thread; returns at once. When several are open
     * already, the newest of them counts this failure instead; one that says the same as an open window is counted there.
     *
     * @param parent what is on the screen that it shall be on, or null
     * @param opFile the op file that it is about, or null
     * @param opener what shows a file to its author, or null for the desktop's own program
     */
    public static void show(Component parent, AlcoveException failure, Path opFile, Opener opener) {
        show(parent, failure, opFile, opener, null, null);
    }

    /**
     * As {@link #show(Component, AlcoveException, Path, Opener)}.
     *
     * @param title the window's, as "Segment failed"; null for a general one
     */
    public static void show(Component parent, AlcoveException failure, Path opFile, Opener opener, String title) {
        show(parent, failure, opFile, opener, title, null);
    }

    /**
     * As {@link #show(Component, AlcoveException, Path, Opener)}.
     *
     * @param title the window's, as "Segment failed"; null for a general one
     * @param alcove the manager that the op ran in: the details then have its environment's packages; or null
     */
    public static void show(
            Component parent, AlcoveException failure, Path opFile, Opener opener, String title, Alcove alcove) {
        if (GraphicsEnvironment.isHeadless()) {
            System.err.println(FailureText.of(failure, opFile).all(""));
            return;
        }
        EventThread.aside(() -> {
            FailureText text = FailureText.of(failure, opFile);
            String heading = title == null ? Words.of("FailureWindow.title") : title;
            FailureDetails details = new FailureDetails(
                    text, () -> said(failure), () -> FailureEnvironment.text(alcove, opFile));
            EventThread.run(() -> open(parent, heading, details, opener == null ? new DesktopOpener() : opener));
        });
    }

    /**
     * The same failure of a call, with what the op has logged and printed among the details: also what comes after the
     * failure, as the last line before it may.
     */
    public static AlcoveException withLog(AlcoveException failure, Call call) {
        return failure instanceof CancelledException ? failure : new LoggedFailure(failure, call::log);
    }

    private static String said(AlcoveException failure) {
        return failure instanceof LoggedFailure logged && !logged.data().containsKey("stderr") ? logged.said() : "";
    }

    private static void open(Component parent, String title, FailureDetails details, Opener opener) {
        for (FailureFrame open : OPEN) {
            if (open.isSame(title, details.text())) {
                open.again();
                return;
            }
        }
        if (OPEN.size() >= MOST_WINDOWS) {
            OPEN.get(OPEN.size() - 1).another();
            return;
        }
        FailureFrame frame = new FailureFrame(parent, title, details, opener);
        OPEN.add(frame);
        frame.onClosed(() -> OPEN.remove(frame));
        frame.show(OPEN.size() - 1);
    }
}
