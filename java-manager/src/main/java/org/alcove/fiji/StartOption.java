package org.alcove.fiji;

import ij.IJ;
import ij.Menus;
import ij.Prefs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.alcove.imagej.ImageJFolder;
import org.alcove.imagej.StartMacro;

/** Whether ImageJ shows the ops in its menus when it starts: a line in its start macro, unless the user wants none. */
final class StartOption {
    private static final String PREFERENCE = "alcove.start";

    private StartOption() {}

    /** Whether there is such a choice; not in Fiji, which starts Alcove by itself, nor where ImageJ has no folders. */
    static boolean isOffered() {
        return folder().isPresent() && !folder().get().isFiji();
    }

    static boolean isOn() {
        return Prefs.get(PREFERENCE, true) && isOffered() && macro().isThere();
    }

    /**
     * Does as the user wants from now on.
     *
     * @throws IOException when the macro cannot be written
     */
    static void set(boolean isOn) throws IOException {
        Prefs.set(PREFERENCE, isOn);
        if (isOffered()) {
            if (isOn) {
                macro().add();
            } else {
                macro().remove();
            }
        }
    }

    /** Somebody uses Alcove here: from now on ImageJ starts with it, unless they do not want that. */
    static void used(boolean saysWhatFails) {
        if (!Prefs.get(PREFERENCE, true)) {
            return;
        }
        try {
            set(true);
        } catch (IOException e) {
            if (saysWhatFails) {
                IJ.log(Words.of("StartOption.unwritable", macro().file(), e.getMessage()));
            }
        }
    }

    /** Where this ImageJ looks for it, which need not be beside its plugins; there, where it has no folder for macros yet. */
    private static StartMacro macro() {
        String macros = Menus.getMacrosPath();
        return macros == null ? folder().orElseThrow().startMacro() : new StartMacro(Path.of(macros));
    }

    private static Optional<ImageJFolder> folder() {
        return Optional.ofNullable(Menus.getPlugInsPath())
                .map(plugins -> new ImageJFolder(Path.of(plugins).toAbsolutePath().normalize().getParent()));
    }
}
