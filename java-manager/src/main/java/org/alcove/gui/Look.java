package org.alcove.gui;

import java.util.List;
import javax.swing.UIManager;
import javax.swing.UnsupportedLookAndFeelException;

/**
 * How the windows of a program of its own look. Inside another program nobody calls this: its look and feel is not ours
 * to change.
 */
public enum Look {
    /** The system's own; where Java has none for it, a light one. */
    SYSTEM,
    /** Dark letters on a light ground. */
    LIGHT,
    /** Light letters on a dark ground. */
    DARK;

    private static final String FLAT_LIGHT = "com.formdev.flatlaf.FlatLightLaf";
    private static final String FLAT_DARK = "com.formdev.flatlaf.FlatDarkLaf";

    /** Makes it that of all windows from now on; to be called before the first is opened. */
    public void apply() {
        EventThread.ask(() -> classes().stream().anyMatch(Look::isApplied));
    }

    /** The look and feels to try, the best first; that which Java always has comes by itself. */
    private List<String> classes() {
        String system = UIManager.getSystemLookAndFeelClassName();
        boolean isForAllSystems = system.equals(UIManager.getCrossPlatformLookAndFeelClassName());
        return switch (this) {
            case SYSTEM -> isForAllSystems ? List.of(FLAT_LIGHT) : List.of(system, FLAT_LIGHT);
            case LIGHT -> List.of(FLAT_LIGHT, system);
            case DARK -> List.of(FLAT_DARK, system);
        };
    }

    /** FlatLaf comes with the program, not with the library, so it may be missing. */
    private static boolean isApplied(String name) {
        try {
            UIManager.setLookAndFeel(name);
            return true;
        } catch (ReflectiveOperationException | UnsupportedLookAndFeelException | LinkageError e) {
            return false;
        }
    }
}
