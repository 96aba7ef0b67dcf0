package org.alcove.gui;

import java.awt.Desktop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/** Shows a file in the program that the desktop has for it; that knows nothing of lines. */
final class DesktopOpener implements FailureWindow.Opener {
    @Override
    public void open(Path file, int line) {
        try {
            Desktop desktop = Desktop.getDesktop();
            if (desktop.isSupported(Desktop.Action.EDIT)) {
                desktop.edit(file.toFile());
            } else {
                desktop.open(file.toFile());
            }
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            throw new AlcoveException(
                    ErrorKind.FILE_FAILED,
                    Words.of("DesktopOpener.none", file.toString()),
                    Words.of("DesktopOpener.hint"),
                    Map.of());
        }
    }
}
