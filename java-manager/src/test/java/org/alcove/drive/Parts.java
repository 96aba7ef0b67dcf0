package org.alcove.drive;

import java.awt.Button;
import java.awt.Checkbox;
import java.awt.Choice;
import java.awt.Component;
import java.awt.Container;
import java.awt.Dialog;
import java.awt.Frame;
import java.awt.Label;
import java.awt.Scrollbar;
import java.awt.TextComponent;
import java.awt.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.swing.AbstractButton;
import javax.swing.JComboBox;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JProgressBar;
import javax.swing.JSpinner;
import javax.swing.JTabbedPane;
import javax.swing.JTable;
import javax.swing.text.JTextComponent;

/** What is in a window, in words; AWT and Swing alike. */
final class Parts {
    private Parts() {}

    static List<Window> windows() {
        List<Window> showing = new ArrayList<>();
        for (Window window : Window.getWindows()) {
            if (window.isShowing()) {
                showing.add(window);
            }
        }
        return showing;
    }

    static String title(Window window) {
        if (window instanceof Frame frame) {
            return frame.getTitle();
        }
        return window instanceof Dialog dialog ? dialog.getTitle() : "";
    }

    /** The newest window of a title; a title that ends in * begins so, one that begins with * holds the rest. */
    static Window window(String title) {
        Window found = null;
        for (Window window : windows()) {
            found = fits(title, title(window)) ? window : found;
        }
        return found;
    }

    static boolean fits(String wanted, String text) {
        if (text == null) {
            return false;
        }
        String plain = plain(text);
        if (wanted.startsWith("*")) {
            return plain.contains(wanted.substring(1).replaceAll("\\*$", ""));
        }
        return wanted.endsWith("*") ? plain.startsWith(wanted.substring(0, wanted.length() - 1)) : plain.equals(wanted);
    }

    /** Without marks of HTML and blanks at the ends. */
    private static String plain(String text) {
        String words = text.startsWith("<html>") ? text.replaceAll("<[^>]*>", " ").replaceAll(" +", " ") : text;
        return words.strip();
    }

    static List<Component> all(Container container) {
        List<Component> found = new ArrayList<>();
        for (Component component : container.getComponents()) {
            found.add(component);
            if (component instanceof Container inner) {
                found.addAll(all(inner));
            }
        }
        return found;
    }

    /** What stands on it: a text that its user reads, or null. */
    static String text(Component component) {
        if (component instanceof Button button) {
            return button.getLabel();
        }
        if (component instanceof Checkbox box) {
            return box.getLabel();
        }
        if (component instanceof Label label) {
            return label.getText();
        }
        if (component instanceof AbstractButton button) {
            return button.getText();
        }
        if (component instanceof ij.gui.MultiLineLabel message) {
            return lines(message);
        }
        return component instanceof JLabel label ? label.getText() : null;
    }

    /** What ImageJ's own messages say is drawn, and asked for nowhere. */
    private static String lines(ij.gui.MultiLineLabel message) {
        try {
            java.lang.reflect.Field lines = ij.gui.MultiLineLabel.class.getDeclaredField("lines");
            lines.setAccessible(true);
            return String.join("\n", (String[]) lines.get(message));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** What is chosen, typed or shown in it, or null. */
    static Object value(Component component) {
        if (component instanceof TextComponent field) {
            return field.getText();
        }
        if (component instanceof JTextComponent field) {
            return field.getText();
        }
        if (component instanceof ij.text.TextPanel panel) {
            return panel.getText();
        }
        if (component instanceof Choice choice) {
            return choice.getSelectedItem();
        }
        if (component instanceof Checkbox box) {
            return box.getState();
        }
        if (component instanceof AbstractButton button) {
            return button.isSelected();
        }
        return chosen(component);
    }

    private static Object chosen(Component component) {
        if (component instanceof JComboBox<?> box) {
            return String.valueOf(box.getSelectedItem());
        }
        if (component instanceof JSpinner spinner) {
            return spinner.getValue();
        }
        if (component instanceof JProgressBar bar) {
            return bar.isIndeterminate() ? "unknown" : bar.getPercentComplete();
        }
        if (component instanceof Scrollbar bar) {
            return bar.getValue();
        }
        if (component instanceof JTable table) {
            return rows(table);
        }
        return component instanceof JTabbedPane tabs ? titles(tabs) : null;
    }

    static List<List<String>> rows(JTable table) {
        List<List<String>> rows = new ArrayList<>();
        for (int row = 0; row < table.getRowCount(); row++) {
            List<String> cells = new ArrayList<>();
            for (int column = 0; column < table.getColumnCount(); column++) {
                Component drawn = table.prepareRenderer(table.getCellRenderer(row, column), row, column);
                String shown = drawn instanceof JLabel label ? label.getText() : null;
                cells.add(shown == null ? String.valueOf(table.getValueAt(row, column)) : shown);
            }
            rows.add(cells);
        }
        return rows;
    }

    private static List<String> titles(JTabbedPane tabs) {
        List<String> titles = new ArrayList<>();
        for (int tab = 0; tab < tabs.getTabCount(); tab++) {
            titles.add(tabs.getTitleAt(tab));
        }
        return titles;
    }

    /** One map for each component, in reading order. */
    static List<Map<String, Object>> described(Window window) {
        List<Map<String, Object>> parts = new ArrayList<>();
        for (Component component : all(window)) {
            Object value = value(component);
            String text = text(component);
            if (!component.isShowing() || value == null && (text == null || text.isBlank())) {
                continue;
            }
            Map<String, Object> part = new LinkedHashMap<>();
            part.put("kind", kind(component));
            part.put("name", Objects.requireNonNullElse(component.getName(), ""));
            part.put("text", text == null ? "" : plain(text));
            part.put("value", value);
            part.put("enabled", component.isEnabled());
            part.put("bounds", List.of(component.getX(), component.getY(), component.getWidth(), component.getHeight()));
            parts.add(part);
        }
        return parts;
    }

    private static String kind(Component component) {
        Class<?> type = component.getClass();
        while (!type.getName().startsWith("java")) {
            type = type.getSuperclass();
        }
        return type.getSimpleName();
    }

    /**
     * The part that a user would mean: of this name, with this text on it, or the field behind a label of this text. Those
     * that can be used win over labels, and enabled ones over others.
     */
    static Component find(Container window, String wanted) {
        Component best = null;
        int most = 0;
        List<Component> parts = all(window);
        for (int i = 0; i < parts.size(); i++) {
            Component meant = meant(parts, i, wanted);
            int merit = meant == null || !meant.isShowing() ? 0 : 1 + (isLabel(meant) ? 0 : 2) + (meant.isEnabled() ? 1 : 0);
            if (merit > most) {
                best = meant;
                most = merit;
            }
        }
        return best;
    }

    private static Component meant(List<Component> parts, int index, String wanted) {
        Component part = parts.get(index);
        String text = text(part);
        if (isLabel(part) && fits(wanted, text == null ? null : text.strip().replaceAll(":$", ""))) {
            if (part instanceof JLabel label && label.getLabelFor() != null) {
                return label.getLabelFor();
            }
            return behind(parts, index);
        }
        boolean called = fits(wanted, part.getName()) || fits(wanted, text) || fits(wanted, accessibleName(part));
        return called ? part : null;
    }

    private static boolean isLabel(Component part) {
        return part instanceof Label || part instanceof JLabel;
    }

    private static String accessibleName(Component part) {
        return part.getAccessibleContext() == null ? null : part.getAccessibleContext().getAccessibleName();
    }

    /** The next part that holds a value and is no slider's bar; else the label itself. */
    private static Component behind(List<Component> parts, int index) {
        for (int i = index + 1; i < parts.size() && !isLabel(parts.get(i)); i++) {
            boolean bar = parts.get(i) instanceof Scrollbar;
            if (!bar && !(parts.get(i) instanceof Button) && value(parts.get(i)) != null) {
                return parts.get(i);
            }
        }
        return parts.get(index);
    }
}
