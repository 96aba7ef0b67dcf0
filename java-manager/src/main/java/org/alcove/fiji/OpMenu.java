package org.alcove.fiji;

import ij.IJ;
import ij.Menus;
import java.awt.EventQueue;
import java.awt.Menu;
import java.awt.MenuItem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.alcove.catalog.OpEntry;

/**
 * Alcove's commands in ImageJ: in its table of commands, which macros go by, and in its menus. The table may be changed from
 * any thread, and is at once; the menus follow on the event thread.
 */
final class OpMenu {
    private static final String ROOT = "Plugins";
    private static final String HOME = "Alcove";
    private static final String REFRESH = "Refresh Ops"; // as in plugins.config

    private final Runnable onLost;
    private final ScriptEntries scripts = new ScriptEntries();
    private final List<MenuItem> placed = new ArrayList<>(); // on the event thread alone, as is the next
    private final Set<Menu> made = new HashSet<>();
    private Map<String, OpEntry> commands = Map.of(); // guarded by this, as are the next
    private Hashtable<String, String> table;

    /** {@code onLost} is called, on any thread, when ImageJ has made its menus anew without what was shown here. */
    OpMenu(Runnable onLost) {
        this.onLost = onLost;
    }

    /**
     * Shows these entries and no others. Where ImageJ has no table of commands, as without a screen, it does nothing.
     *
     * @param opsFolder a folder whose Python files are never Jython scripts, or null
     */
    synchronized void show(List<OpEntry> entries, Path opsFolder) {
        Hashtable<String, String> current = commandsOfImageJ();
        if (current == null) {
            return;
        }
        if (current == table) {
            commands.forEach((title, entry) -> current.remove(title, action(entry)));
        }
        table = current;
        Path plugins = opsFolder == null ? null : opsFolder.getParent();
        if (plugins != null) {
            Set<Path> files = entries.stream().map(OpEntry::file).collect(Collectors.toSet());
            scripts.takeOut(current, plugins, file -> file.startsWith(opsFolder) || files.contains(file));
        }
        commands = OpTitles.of(entries, current::containsKey);
        commands.forEach((title, entry) -> current.put(title, action(entry)));
        if (IJ.getInstance() != null) {
            EventQueue.invokeLater(this::arrange);
        }
    }

    /** Whether ImageJ's commands are still those that the last entries were shown in. */
    synchronized boolean isThere() {
        return table == null || commandsOfImageJ() == table;
    }

    /** The title of an op's command, as ImageJ's menus have it; empty where they don't. */
    synchronized Optional<String> title(Path file, String op) {
        return commands.entrySet().stream()
                .filter(command -> command.getValue().file().equals(file) && command.getValue().op().equals(op))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /**
     * The title by which ImageJ knows a command now: with or without the dots. An op gets dots as long as nobody knows whether
     * it asks for something, and a macro may have been recorded then.
     */
    synchronized String present(String title) {
        String other = OpTitles.withOtherDots(title);
        return !commands.containsKey(title) && commands.containsKey(other) && !table.containsKey(title) ? other : title;
    }

    @SuppressWarnings("unchecked")
    private static Hashtable<String, String> commandsOfImageJ() {
        return Menus.getCommands();
    }

    /** What ImageJ does for the command. */
    private static String action(OpEntry entry) {
        return "org.alcove.start.Start(\"" + OpCommand.argument(entry) + "\")";
    }

    private synchronized Map<String, OpEntry> shown() {
        return new LinkedHashMap<>(commands);
    }

    /** Makes the menus show what the table has. */
    private void arrange() {
        scripts.takeOutOfMenus();
        placed.forEach(item -> {
            if (item.getParent() instanceof Menu menu) {
                menu.remove(item);
            }
        });
        placed.clear();
        removeEmpty();
        shown().forEach((title, entry) -> {
            Menu menu = menu(entry.menu());
            if (menu != null) {
                place(menu, new OpItem(title, this::wasRemoved));
            }
        });
        List<Menu> home = MenuPath.find(List.of(ROOT, HOME));
        if (home.size() == 2) {
            separate(home.get(1));
            watch(home.get(1));
        }
    }

    private void removeEmpty() {
        boolean again = true;
        while (again) {
            again = made.removeIf(menu -> {
                boolean isEmpty = menu.getItemCount() == 0 || !isInMenus(menu);
                if (isEmpty && menu.getParent() instanceof Menu parent) {
                    parent.remove(menu);
                }
                return isEmpty;
            });
        }
    }

    private static boolean isInMenus(Menu menu) {
        java.awt.MenuContainer container = menu;
        while (container instanceof Menu one) {
            container = one.getParent();
        }
        return container == Menus.getMenuBar();
    }

    /** The menu for an op's levels; made where it is missing, null where ImageJ has no plugins menu. */
    private Menu menu(List<String> levels) {
        List<String> path = new ArrayList<>();
        if (levels.isEmpty() || !levels.get(0).equals(ROOT)) {
            path.add(ROOT);
            path.add(HOME);
        }
        path.addAll(levels);
        List<Menu> found = MenuPath.find(path);
        if (found.isEmpty()) {
            return null;
        }
        Menu menu = found.get(found.size() - 1);
        for (String title : path.subList(found.size(), path.size())) {
            Menu child = MenuPath.withFont(new Menu(title));
            place(menu, child);
            placed.remove(child); // it goes when it is empty
            made.add(child);
            menu = child;
        }
        return menu;
    }

    /** Puts an item among Alcove's own, which come first in Alcove's menus; elsewhere among those of other plugins. */
    private void place(Menu menu, MenuItem item) {
        boolean isOurs = made.contains(menu) || menu.getLabel().equals(HOME);
        int index = isOurs ? 0 : afterLastSeparator(menu);
        while (index < menu.getItemCount()
                && (!isOurs || isOurs(menu.getItem(index)))
                && menu.getItem(index).getLabel().compareToIgnoreCase(item.getLabel()) < 0) {
            index++;
        }
        menu.insert(MenuPath.withFont(item), index);
        placed.add(item);
    }

    private boolean isOurs(MenuItem item) {
        return item instanceof Menu menu ? made.contains(menu) : placed.contains(item);
    }

    private static int afterLastSeparator(Menu menu) {
        return MenuPath.lastIndexOf(menu, "-") + 1;
    }

    private void separate(Menu home) {
        int count = 0;
        while (count < home.getItemCount() && isOurs(home.getItem(count))) {
            count++;
        }
        if (count > 0 && count < home.getItemCount()) {
            home.insertSeparator(count);
            placed.add(home.getItem(count));
        }
    }

    /** One of ImageJ's own items becomes one that notices when it goes: there may be no others. */
    private void watch(Menu home) {
        int index = MenuPath.indexOf(home, REFRESH);
        if (index >= 0 && !(home.getItem(index) instanceof OpItem)) {
            home.remove(index);
            home.insert(MenuPath.withFont(new OpItem(REFRESH, this::wasRemoved)), index);
        }
    }

    private void wasRemoved() {
        if (!isThere()) {
            onLost.run();
        }
    }
}
