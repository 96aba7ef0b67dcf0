package org.alcove.fiji;

import ij.CommandListener;
import ij.IJ;
import ij.gui.GenericDialog;
import java.util.List;
import java.util.stream.Stream;
import org.alcove.gui.EnvironmentsWindow;

/** Hears of each command before ImageJ runs it, while no other command can begin: so nothing here waits. */
final class CommandWatch implements CommandListener {
    private final Session session;

    CommandWatch(Session session) {
        this.session = session;
    }

    @Override
    public String commandExecuting(String command) {
        if (!session.menu().isThere()) {
            session.menu().show(session.entries(), session.opsFolder()); // a macro may call one of them right now
        }
        if (command.equals("Quit") && asks()) {
            new Thread(CommandWatch::ask, "alcove quit").start();
            return null;
        }
        return session.menu().present(command);
    }

    /** A script that quits has thought of that. */
    private static boolean asks() {
        return Problems.canAsk()
                && !Thread.currentThread().getName().startsWith("Run$_")
                && !running().isEmpty();
    }

    /** What would end with ImageJ: ops, and environments that are being made or changed. */
    private static List<String> running() {
        return Stream.concat(OpRunner.running().stream(), EnvironmentsWindow.running().stream()).toList();
    }

    private static void ask() {
        List<String> running = running();
        GenericDialog dialog = new GenericDialog(Words.of("CommandWatch.title"), IJ.getInstance());
        dialog.addMessage(Words.of("CommandWatch.running", running.size(), String.join("\n", running)));
        dialog.setOKLabel(Words.of("CommandWatch.quit"));
        dialog.setCancelLabel(Words.of("CommandWatch.stay"));
        dialog.showDialog();
        if (dialog.wasOKed() && IJ.getInstance() != null) {
            OpRunner.cancelAll();
            IJ.getInstance().quit();
        }
    }
}
