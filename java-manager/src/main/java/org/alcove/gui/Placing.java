package org.alcove.gui;

import java.awt.Component;
import java.awt.Dialog;
import java.awt.GraphicsConfiguration;
import java.awt.Insets;
import java.awt.Rectangle;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import javax.swing.JDialog;

/** Where windows come up: in front of whatever its user looks at, in the middle of that screen. */
final class Placing {
    private Placing() {}

    /**
     * A dialog that belongs to no window: with that it would be closed (an image that a command was started from), and stay
     * under other windows (ImageJ's main window is a bar in a corner). No other dialog keeps its user from it.
     */
    static JDialog free(String title, Dialog.ModalityType modality) {
        JDialog dialog = new JDialog((Window) null, title, modality);
        dialog.setModalExclusionType(Dialog.ModalExclusionType.APPLICATION_EXCLUDE);
        return dialog;
    }

    /**
     * In the middle of a screen, and in front.
     *
     * @param parent what is on that screen, or null
     */
    static void inFront(Window window, Component parent) {
        inMiddle(window, parent);
        inFront(window);
    }

    /** In the middle of the screen of {@code parent}, or of the first one. */
    static void inMiddle(Window window, Component parent) {
        GraphicsConfiguration screen = parent == null || parent.getGraphicsConfiguration() == null
                ? window.getGraphicsConfiguration()
                : parent.getGraphicsConfiguration();
        Rectangle bounds = screen.getBounds();
        Insets taken = Toolkit.getDefaultToolkit().getScreenInsets(screen);
        int width = bounds.width - taken.left - taken.right;
        int height = bounds.height - taken.top - taken.bottom;
        window.setLocation(
                bounds.x + taken.left + Math.max(0, (width - window.getWidth()) / 2),
                bounds.y + taken.top + Math.max(0, (height - window.getHeight()) / 3));
    }

    /** In front as soon as it is opened. */
    static void inFront(Window window) {
        window.addWindowListener(new WindowAdapter() {
            @Override
            public void windowOpened(WindowEvent event) {
                window.toFront();
            }
        });
    }
}
