package org.alcove.fiji;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.alcove.catalog.OpEntry;

/**
 * What commands are called. ImageJ has one table for the titles of all its menus, so each must be there once; and macros
 * name commands by them, so they must not depend on the order in which op files are found.
 */
final class OpTitles {
    private static final String DOTS = "...";

    private OpTitles() {}

    /**
     * The entries by their titles, in their order.
     *
     * @param isTaken whether ImageJ itself or a plugin has a command of that title
     */
    static Map<String, OpEntry> of(List<OpEntry> entries, Predicate<String> isTaken) {
        Map<String, Long> counts =
                entries.stream().collect(Collectors.groupingBy(OpTitles::plain, HashMap::new, Collectors.counting()));
        Map<String, OpEntry> titles = new LinkedHashMap<>();
        Set<String> given = new HashSet<>();
        for (OpEntry entry : entries) {
            String plain = plain(entry);
            boolean isUsable = counts.get(plain) == 1 && !isTaken.test(plain) && !isTaken.test(plain + DOTS);
            String title = isUsable && given.add(plain) ? plain : told(entry, plain, isTaken, given);
            titles.put(title + dots(entry), entry);
        }
        return titles;
    }

    /** A command's title without the dots that say that it asks for something. */
    static String withoutDots(String title) {
        return title.endsWith(DOTS) ? title.substring(0, title.length() - DOTS.length()) : title;
    }

    /** The title with dots where it has none, without where it has them. */
    static String withOtherDots(String title) {
        return title.endsWith(DOTS) ? withoutDots(title) : title + DOTS;
    }

    private static String plain(OpEntry entry) {
        String title = harmless(entry.title());
        return entry.state() == OpEntry.State.BROKEN ? Words.of("OpTitles.broken", title) : title;
    }

    /** With what tells it from others of that title: the file, more of its path, a number. */
    private static String told(OpEntry entry, String plain, Predicate<String> isTaken, Set<String> given) {
        Path file = entry.file();
        String path = "";
        for (int i = file.getNameCount() - 1; i >= 0; i--) {
            path = path.isEmpty() ? file.getName(i).toString() : file.getName(i) + "/" + path;
            String title = harmless(plain + " (" + path + ")");
            if (!isTaken.test(title) && !isTaken.test(title + DOTS) && given.add(title)) {
                return title;
            }
        }
        int number = 2;
        while (!given.add(harmless(plain + " (" + path + ") " + number))) {
            number++;
        }
        return harmless(plain + " (" + path + ") " + number);
    }

    private static String dots(OpEntry entry) {
        boolean asks = entry.descriptor().map(OpDialog::asks).orElse(true);
        return entry.state() != OpEntry.State.BROKEN && asks ? DOTS : "";
    }

    /** Without what ImageJ takes for something else in a menu or in a macro. */
    private static String harmless(String title) {
        String plain = title.replace('"', '\'').replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        // Executer does the last command again for whatever begins so, and a menu shows a line for a lone hyphen.
        return plain.isEmpty() || plain.equals("-") || plain.startsWith("Repeat") ? Words.of("OpTitles.run", plain) : plain;
    }
}
