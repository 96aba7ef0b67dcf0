package org.alcove.fiji;

import java.awt.Menu;
import java.awt.MenuItem;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The commands that ImageJ makes of Python files in its plugins folder: it takes each for a Jython script. Op files are
 * none, and their commands are Alcove's.
 */
final class ScriptEntries {
    private static final String BEGINS = "ij.plugin.Macro_Runner(\"";
    private static final String ENDS = ".py\")";

    /**
     * A command of ImageJ's.
     *
     * @param menu the titles of the menus that it stands in, from the menu bar on
     */
    private record Script(String title, List<String> menu) {}

    private final List<Script> removed = new ArrayList<>();

    /** Takes the commands for these files out of ImageJ's table. */
    void takeOut(Hashtable<String, String> table, Path plugins, Predicate<Path> isOpFile) {
        for (Map.Entry<String, String> command : Map.copyOf(table).entrySet()) {
            String action = command.getValue();
            if (action.startsWith(BEGINS) && action.endsWith(ENDS)) {
                String file = action.substring(BEGINS.length(), action.length() - 2);
                if (isOpFile(plugins, file, isOpFile)) {
                    table.remove(command.getKey());
                    removed.add(new Script(command.getKey(), menu(file)));
                }
            }
        }
    }

    /** Takes their items out of the menus, and menus that hold nothing more; on the event thread. */
    void takeOutOfMenus() {
        for (Script script : removed) {
            List<Menu> menus = MenuPath.find(script.menu());
            if (menus.size() == script.menu().size()) {
                remove(menus, script.title());
            }
        }
        removed.clear();
    }

    private static boolean isOpFile(Path plugins, String file, Predicate<Path> isOpFile) {
        try {
            return isOpFile.test(plugins.resolve(file));
        } catch (InvalidPathException e) {
            return false; // a name that this Java cannot read: no catalog has it either
        }
    }

    private static List<String> menu(String file) {
        List<String> levels = new ArrayList<>(List.of("Plugins"));
        List<String> names = Arrays.asList(file.split("[/\\\\]"));
        levels.addAll(names.subList(0, names.size() - 1));
        return levels;
    }

    private static void remove(List<Menu> menus, String title) {
        Menu menu = menus.get(menus.size() - 1);
        for (int i = menu.getItemCount() - 1; i >= 0; i--) {
            MenuItem item = menu.getItem(i);
            if (item.getLabel().equals(title) && !(item instanceof OpItem)) {
                menu.remove(i);
                break;
            }
        }
        for (int i = menus.size() - 1; i > 0 && menus.get(i).getItemCount() == 0; i--) {
            menus.get(i - 1).remove(menus.get(i));
        }
    }
}
