package org.alcove.gui;

import java.awt.Component;
import java.awt.Container;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.swing.JButton;
import javax.swing.SwingUtilities;
import javax.swing.text.JTextComponent;
import org.alcove.Eventually;

/** What can be seen in a window; on the event thread. */
final class SwingTree {
    private SwingTree() {}

    static List<String> buttons(Container window) {
        List<String> found = new ArrayList<>();
        walk(window, component -> {
            if (component instanceof JButton button) {
                found.add(button.getText());
            }
        });
        return found;
    }

    static List<String> texts(Container window) {
        List<String> found = new ArrayList<>();
        walk(window, component -> {
            if (component instanceof JTextComponent text) {
                found.add(text.getText());
            }
        });
        return found;
    }

    static boolean isShowing(Container window, String name) {
        return EventThread.ask(() -> {
            List<Component> found = new ArrayList<>();
            walk(window, component -> {
                if (name.equals(component.getName())) {
                    found.add(component);
                }
            });
            return !found.isEmpty();
        });
    }

    /**
     * Presses a button as soon as it can be pressed; returns before what it does is done. Not by the mouse: a window that has
     * just changed its size, or was just opened, is not yet where the window manager will put it.
     */
    static void press(Container window, String text) throws Exception {
        Eventually.becomes(text, () -> EventThread.ask(() -> {
            List<JButton> found = new ArrayList<>();
            walk(window, component -> {
                if (component instanceof JButton button && text.equals(button.getText()) && button.isEnabled()) {
                    found.add(button);
                }
            });
            found.forEach(button -> SwingUtilities.invokeLater(button::doClick));
            return !found.isEmpty();
        }));
    }

    private static void walk(Component component, Consumer<Component> visitor) {
        if (component.isVisible()) {
            visitor.accept(component);
            if (component instanceof Container container) {
                for (Component child : container.getComponents()) {
                    walk(child, visitor);
                }
            }
        }
    }
}
