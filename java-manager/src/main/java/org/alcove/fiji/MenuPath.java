package org.alcove.fiji;

import ij.IJ;
import ij.Menus;
import java.awt.Menu;
import java.awt.MenuBar;
import java.awt.MenuItem;
import java.util.ArrayList;
import java.util.List;

/** Menus of ImageJ by the titles that lead to them; on the event thread alone. */
final class MenuPath {
    private MenuPath() {}

    /** As many of the menus as there are, from the menu bar on. */
    static List<Menu> find(List<String> titles) {
        List<Menu> found = new ArrayList<>();
        MenuBar bar = Menus.getMenuBar();
        for (int i = 0; bar != null && i < bar.getMenuCount() && !titles.isEmpty(); i++) {
            if (bar.getMenu(i).getLabel().equals(titles.get(0))) {
                found.add(bar.getMenu(i));
                break;
            }
        }
        while (!found.isEmpty() && found.size() < titles.size()) {
            Menu next = child(found.get(found.size() - 1), titles.get(found.size()));
            if (next == null) {
                break;
            }
            found.add(next);
        }
        return found;
    }

    /** The place of an item of that title, or -1. */
    static int indexOf(Menu menu, String title) {
        for (int i = 0; i < menu.getItemCount(); i++) {
            if (menu.getItem(i).getLabel().equals(title)) {
                return i;
            }
        }
        return -1;
    }

    /** The place of the last item of that title, or -1. */
    static int lastIndexOf(Menu menu, String title) {
        int last = menu.getItemCount() - 1;
        while (last >= 0 && !menu.getItem(last).getLabel().equals(title)) {
            last--;
        }
        return last;
    }

    /** As ImageJ does for its own: Windows shows the items of a sub-menu in a smaller font than those of the bar. */
    static <T extends MenuItem> T withFont(T item) {
        if (IJ.isWindows()) {
            item.setFont(Menus.getCachedFont());
        }
        return item;
    }

    private static Menu child(Menu menu, String title) {
        for (int i = 0; i < menu.getItemCount(); i++) {
            if (menu.getItem(i) instanceof Menu child && child.getLabel().equals(title)) {
                return child;
            }
        }
        return null;
    }
}
