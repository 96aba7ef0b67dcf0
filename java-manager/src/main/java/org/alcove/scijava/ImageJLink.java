package org.alcove.scijava;

import ij.IJ;
import ij.Menus;
import ij.macro.Interpreter;
import java.nio.file.Path;
import org.alcove.Alcove;
import org.alcove.fiji.Commands;
import org.alcove.fiji.Session;

/** What is ImageJ's. Only {@link #isThere} and {@link #isShown} may be asked where there is none. */
final class ImageJLink {
    private ImageJLink() {}

    /** Whether ImageJ is on the class path. */
    static boolean isThere() {
        try {
            Class.forName("ij.IJ", false, ImageJLink.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** Whether ImageJ runs in this program. */
    static boolean isShown() {
        return isThere() && IJ.getInstance() != null;
    }

    static boolean isBatchMode() {
        return Interpreter.isBatchMode();
    }

    /** The manager that ImageJ's own commands use. */
    static Alcove alcove() {
        return Session.current().alcove();
    }

    /** Where users of ImageJ put op files; null when it has no plugins folder. */
    static Path opsFolder() {
        if (Menus.getPlugInsPath() != null) {
            return Session.current().opsFolder();
        }
        String folder = System.getProperty("plugins.dir"); // Fiji's launcher sets it, with windows and without
        if (folder == null) {
            return null;
        }
        Path plugins = Path.of(folder).resolve("plugins");
        return (plugins.toFile().isDirectory() ? plugins : Path.of(folder)).resolve("Alcove");
    }

    /** Says when other ops stand in the menus. */
    static void onChange(Runnable listener) {
        Session.current().onChange(listener);
    }

    static void fillMenus() {
        Commands.run("start");
    }
}
