package org.alcove.cli;

import java.awt.AWTError;
import java.awt.GraphicsEnvironment;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.gui.EnvironmentsWindow;
import org.alcove.gui.Look;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code alcove gui}. */
@Command(
        name = "gui",
        description = "Opens a window to make, look at, change and remove environments, to watch workers, and for settings.",
        footer = {"", "Example: alcove gui --look dark"})
final class GuiCommand extends LibraryCommand {
    @Option(
            names = "--look",
            paramLabel = "system|light|dark",
            defaultValue = "system",
            description = "How the window looks: as the system's own ones (the default), light or dark.")
    Look look;

    GuiCommand(Console console) {
        super(console);
    }

    @Override
    int run(Alcove alcove) throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        open(alcove).onClosed(closed::countDown);
        closed.await();
        return 0;
    }

    private EnvironmentsWindow open(Alcove alcove) {
        if (GraphicsEnvironment.isHeadless()) {
            throw noWindow("there is no screen");
        }
        try {
            look.apply();
            return EnvironmentsWindow.open(alcove);
        } catch (AWTError | LinkageError e) {
            throw noWindow(e.getMessage());
        }
    }

    private static AlcoveException noWindow(String reason) {
        return new AlcoveException(
                ErrorKind.START_FAILED,
                "no window can be opened here: " + reason,
                "alcove env and alcove workers do the same in a terminal; over ssh, -X brings the window to your screen",
                Map.of());
    }
}
