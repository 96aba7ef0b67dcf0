package org.alcove.drive;

import ij.Menus;
import java.awt.AWTEvent;
import java.awt.Checkbox;
import java.awt.Choice;
import java.awt.Component;
import java.awt.EventQueue;
import java.awt.Menu;
import java.awt.MenuBar;
import java.awt.MenuItem;
import java.awt.Rectangle;
import java.awt.TextComponent;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.event.ActionEvent;
import java.awt.event.ItemEvent;
import java.awt.event.WindowEvent;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.swing.AbstractButton;
import javax.swing.JComboBox;
import javax.swing.JTabbedPane;
import javax.swing.JTable;
import javax.swing.text.JTextComponent;

/** What is done to menus and windows. */
final class WindowActions {
    /** Beyond it something hangs; who tries things by hand sets it lower. */
    private static final long COMES_WITHIN_MS = Long.getLong("alcove.drive.patience", 90_000);

    private final Hands hands;

    private WindowActions(Hands hands) {
        this.hands = hands;
    }

    static void addTo(Map<String, Driver.Action> actions, Hands hands) {
        WindowActions windows = new WindowActions(hands);
        actions.put("menus", arguments -> Hands.onEventThread(WindowActions::menus));
        actions.put("menu", arguments -> windows.choose(arguments.get(0)));
        actions.put("windows", arguments -> Hands.onEventThread(WindowActions::titles));
        actions.put("window", arguments -> windows.describe(arguments.get(0)));
        actions.put("wait", arguments -> windows.awaitWindow(arguments.get(0)));
        actions.put("wait-gone", arguments -> windows.awaitGone(arguments.get(0)));
        actions.put("wait-text", arguments -> windows.awaitText(arguments.get(0), arguments.get(1)));
        actions.put("click", arguments -> windows.click(arguments.get(0), arguments.get(1), 1));
        actions.put("click-away", arguments -> windows.clickAway(arguments.get(0), arguments.get(1)));
        actions.put("double-click", arguments -> windows.click(arguments.get(0), arguments.get(1), 2));
        actions.put("fill", arguments -> windows.fill(arguments.get(0), arguments.get(1), arguments.get(2)));
        actions.put("row", arguments -> windows.row(arguments.get(0), arguments.get(1), arguments.get(2)));
        actions.put("tab", arguments -> windows.tab(arguments.get(0), arguments.get(1)));
        actions.put("swing-menu", arguments -> windows.swingMenu(arguments.get(0), arguments.get(1)));
        actions.put("close", arguments -> windows.close(arguments.get(0)));
        actions.put("wait-focus", arguments -> windows.awaitFocus(arguments.get(0)));
        actions.put("keys", arguments -> {
            hands.keys(arguments.get(0));
            return true;
        });
        actions.put("type", arguments -> hands.type(arguments.get(0)));
        actions.put("picture", arguments -> windows.picture(arguments.get(0), new File(arguments.get(1))));
        actions.put("place", arguments -> windows.place(arguments));
        actions.put("front", arguments -> windows.front(arguments.get(0)));
        actions.put("settle", arguments -> windows.settle());
        actions.put("beat", arguments -> Hands.onEventThread(() -> true));
    }

    // ---- Menus -----------------------------------------------------------------------------------------------------

    private static List<String> menus() {
        List<String> paths = new ArrayList<>();
        MenuBar bar = Menus.getMenuBar();
        for (int i = 0; i < bar.getMenuCount(); i++) {
            collect(bar.getMenu(i), "", paths);
        }
        return paths;
    }

    private static void collect(MenuItem item, String above, List<String> paths) {
        String path = above + item.getLabel();
        if (item instanceof Menu menu) {
            for (int i = 0; i < menu.getItemCount(); i++) {
                collect(menu.getItem(i), path + ">", paths);
            }
        } else {
            paths.add(path);
        }
    }

    /** As a click on the menu's entry does; menus of AWT don't tell where on the screen they are. */
    private Object choose(String path) throws Exception {
        MenuItem item = Hands.onEventThread(() -> item(path));
        EventQueue events = Toolkit.getDefaultToolkit().getSystemEventQueue();
        events.postEvent(new ActionEvent(item, ActionEvent.ACTION_PERFORMED, item.getActionCommand()));
        return true;
    }

    private static MenuItem item(String path) {
        MenuBar bar = Menus.getMenuBar();
        String[] labels = path.split(">");
        MenuItem item = null;
        for (int i = 0; i < bar.getMenuCount(); i++) {
            item = bar.getMenu(i).getLabel().equals(labels[0]) ? bar.getMenu(i) : item;
        }
        for (int level = 1; level < labels.length; level++) {
            MenuItem next = null;
            for (int i = 0; item instanceof Menu menu && i < menu.getItemCount(); i++) {
                next = Parts.fits(labels[level], menu.getItem(i).getLabel()) ? menu.getItem(i) : next;
            }
            item = next;
        }
        if (item == null || item instanceof Menu) {
            throw new AssertionError("There is no " + path + " in the menus: " + menus());
        }
        return item;
    }

    // ---- Windows ---------------------------------------------------------------------------------------------------

    private static List<String> titles() {
        return Parts.windows().stream().map(Parts::title).toList();
    }

    private static Window window(String title) throws Exception {
        return await("a window " + title, () -> Parts.window(title));
    }

    private static Component part(String title, String wanted) throws Exception {
        return await(wanted + " in the window " + title, () -> {
            Window window = Parts.window(title);
            return window == null ? null : Parts.find(window, wanted);
        });
    }

    /** Asks on the event thread until there is an answer. */
    static <T> T await(String what, Callable<T> question) throws Exception {
        long end = System.currentTimeMillis() + COMES_WITHIN_MS;
        T answer = Hands.onEventThread(question);
        while (answer == null && System.currentTimeMillis() < end) {
            Thread.sleep(20);
            answer = Hands.onEventThread(question);
        }
        if (answer == null) {
            throw new AssertionError("There is no " + what + "; windows: " + Hands.onEventThread(WindowActions::contents));
        }
        return answer;
    }

    private static List<Object> contents() {
        List<Object> contents = new ArrayList<>();
        for (Window window : Parts.windows()) {
            contents.add(Parts.title(window));
            for (Map<String, Object> part : Parts.described(window)) {
                contents.add("  " + part.get("kind") + " " + part.get("text") + " " + part.get("value"));
            }
        }
        return contents;
    }

    private Object describe(String title) throws Exception {
        Window window = window(title);
        return Hands.onEventThread(() -> Parts.described(window));
    }

    private Object awaitWindow(String title) throws Exception {
        Window window = window(title);
        return Hands.onEventThread(() -> Parts.title(window));
    }

    private Object awaitGone(String title) throws Exception {
        return await("end of the window " + title, () -> Parts.window(title) == null ? Boolean.TRUE : null);
    }

    /** The first part of a window that holds the text. */
    private Object awaitText(String title, String text) throws Exception {
        return await("text " + text + " in the window " + title, () -> {
            Window window = Parts.window(title);
            return window == null ? null : holding(window, text);
        });
    }

    private static String holding(Window window, String text) {
        for (Map<String, Object> part : Parts.described(window)) {
            String shown = part.get("text") + "\n" + part.get("value");
            if (shown.contains(text)) {
                return shown.strip();
            }
        }
        return null;
    }

    private Object close(String title) throws Exception {
        Window window = window(title);
        Toolkit.getDefaultToolkit().getSystemEventQueue().postEvent(new WindowEvent(window, WindowEvent.WINDOW_CLOSING));
        return true;
    }

    /** Whether what is typed goes there by itself. */
    private Object awaitFocus(String title) throws Exception {
        return await("keyboard focus in " + title, () -> {
            Window window = Parts.window(title);
            return window != null && window.isFocused() ? Boolean.TRUE : null;
        });
    }

    private Object front(String title) throws Exception {
        Window window = window(title);
        return Hands.onEventThread(() -> {
            window.toFront();
            window.requestFocus();
            return true;
        });
    }

    /** For pictures: until what was begun has been drawn. */
    private Object settle() throws Exception {
        Thread.sleep(400);
        hands.waitForIdle();
        return true;
    }

    private Object place(List<String> arguments) throws Exception {
        Window window = window(arguments.get(0));
        int[] numbers = arguments.stream().skip(1).mapToInt(Integer::parseInt).toArray();
        return Hands.onEventThread(() -> {
            if (numbers.length == 4) {
                window.setSize(numbers[2], numbers[3]);
            }
            window.setLocation(numbers[0], numbers[1]);
            window.validate();
            window.repaint();
            return true;
        });
    }

    private Object picture(String title, File file) throws Exception {
        hands.waitForIdle();
        Rectangle area = title.isEmpty()
                ? new Rectangle(Toolkit.getDefaultToolkit().getScreenSize())
                : window(title).getBounds();
        hands.picture(area, file);
        return file.getPath();
    }

    // ---- Parts of windows ------------------------------------------------------------------------------------------

    private Object click(String title, String wanted, int times) throws Exception {
        Component part = part(title, wanted);
        await("enabled " + wanted, () -> part.isEnabled() ? Boolean.TRUE : null);
        hands.click(part, new Rectangle(part.getSize()), times);
        return true;
    }

    /** A click that may end the program; so it is answered before it happens. */
    private Object clickAway(String title, String wanted) throws Exception {
        Component part = part(title, wanted);
        new Thread(() -> {
                    try {
                        hands.click(part, new Rectangle(part.getSize()), 1);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                })
                .start();
        return true;
    }

    private Object fill(String title, String wanted, String value) throws Exception {
        Component part = part(title, wanted);
        await("enabled " + wanted, () -> part.isEnabled() ? Boolean.TRUE : null);
        if (part instanceof TextComponent || part instanceof JTextComponent) {
            write(part, value);
        } else if (part instanceof Checkbox || part instanceof AbstractButton) {
            if (!String.valueOf(Parts.value(part)).equals(value)) {
                hands.click(part, new Rectangle(part.getSize()), 1);
            }
        } else {
            Hands.onEventThread(() -> select(part, value));
        }
        hands.waitForIdle();
        Object now = Hands.onEventThread(() -> Parts.value(part));
        if (!String.valueOf(now).equals(value)) {
            throw new AssertionError(wanted + " is " + now + " and not " + value);
        }
        return now;
    }

    private void write(Component field, String value) throws Exception {
        hands.click(field, new Rectangle(field.getSize()), 1);
        if (field instanceof JTextComponent) {
            hands.keys("control A");
        } else {
            hands.keys("HOME");
            hands.keys("shift END");
        }
        hands.keys("DELETE");
        if (!hands.type(value)) {
            Hands.onEventThread(() -> {
                if (field instanceof TextComponent text) {
                    text.setText(value);
                } else {
                    ((JTextComponent) field).setText(value);
                }
                return null;
            });
        }
    }

    private static Object select(Component part, String value) {
        if (part instanceof Choice choice) {
            choice.select(value);
            AWTEvent event = new ItemEvent(choice, ItemEvent.ITEM_STATE_CHANGED, value, ItemEvent.SELECTED);
            Toolkit.getDefaultToolkit().getSystemEventQueue().postEvent(event);
        } else if (part instanceof JComboBox<?> box) {
            for (int i = 0; i < box.getItemCount(); i++) {
                if (String.valueOf(box.getItemAt(i)).equals(value)) {
                    box.setSelectedIndex(i);
                }
            }
        } else {
            throw new AssertionError("Nothing can be chosen in " + part);
        }
        return null;
    }

    /** Clicks on the row of a table in which a cell begins with a text. */
    private Object row(String title, String wanted, String text) throws Exception {
        Rectangle cell = await("row " + text, () -> {
            JTable table = (JTable) Parts.find(Parts.window(title), wanted);
            List<List<String>> rows = table == null ? List.of() : Parts.rows(table);
            for (int row = 0; row < rows.size(); row++) {
                if (rows.get(row).stream().anyMatch(shown -> Parts.fits(text, shown))) {
                    table.scrollRectToVisible(table.getCellRect(row, 0, true));
                    return table.getCellRect(row, 0, true);
                }
            }
            return null;
        });
        hands.click(part(title, wanted), cell, 1);
        return true;
    }

    private Object tab(String title, String text) throws Exception {
        JTabbedPane tabs = await("tab " + text, () -> tabs(title, text));
        Rectangle bounds = Hands.onEventThread(() -> tabs.getBoundsAt(tabs.indexOfTab(text)));
        hands.click(tabs, bounds, 1);
        return true;
    }

    private static JTabbedPane tabs(String title, String text) {
        Window window = Parts.window(title);
        if (window != null) {
            for (Component part : Parts.all(window)) {
                if (part instanceof JTabbedPane tabs && tabs.isShowing() && tabs.indexOfTab(text) >= 0) {
                    return tabs;
                }
            }
        }
        return null;
    }

    /** Clicks from menu to entry, in a window of Swing. */
    private Object swingMenu(String title, String path) throws Exception {
        for (String label : path.split(">")) {
            Component entry = await("entry " + label, () -> swingEntry(title, label));
            hands.click(entry, new Rectangle(entry.getSize()), 1);
        }
        return true;
    }

    private static Component swingEntry(String title, String label) {
        List<Component> parts = new ArrayList<>(Parts.all(Parts.window(title)));
        for (Window window : Parts.windows()) {
            parts.addAll(Parts.all(window));
        }
        for (Component part : parts) {
            if (part instanceof javax.swing.JMenuItem item && item.isShowing() && Parts.fits(label, item.getText())) {
                return item;
            }
        }
        return null;
    }
}
