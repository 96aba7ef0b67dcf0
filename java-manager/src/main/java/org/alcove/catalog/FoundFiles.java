package org.alcove.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The Python files in and below folders, each once, with the sub-menus that their folders stand for. */
final class FoundFiles {
    private static final Set<String> NOT_OPS = Set.of("__pycache__", "node_modules", "site-packages");

    /** By path, in the order of menus. */
    private final Map<Path, List<String>> files = new LinkedHashMap<>();
    private final Map<Path, IOException> unreadable = new LinkedHashMap<>();
    private final Set<Path> seen = new HashSet<>();
    private final Listing listing;

    /** What lists a folder. */
    interface Listing {
        Stream<Path> list(Path folder) throws IOException;
    }

    FoundFiles(Listing listing) {
        this.listing = listing;
    }

    static FoundFiles in(List<OpFolder> folders) {
        return in(folders, Files::list);
    }

    static FoundFiles in(List<OpFolder> folders, Listing listing) {
        FoundFiles found = new FoundFiles(listing);
        for (OpFolder folder : folders) {
            found.add(folder.directory(), folder.menu());
        }
        return found;
    }

    Map<Path, List<String>> files() {
        return files;
    }

    /** The folders that could not be read, and why. */
    Map<Path, IOException> unreadable() {
        return unreadable;
    }

    private void add(Path place, List<String> menu) {
        try {
            // A file or folder that links lead to from several places counts once, and circles end.
            if (!seen.add(place.toRealPath())) {
                return;
            }
            if (Files.isRegularFile(place)) {
                files.put(place, menu);
            } else {
                addAll(place, menu);
            }
        } catch (IOException e) {
            unreadable.put(place, e);
        }
    }

    private void addAll(Path folder, List<String> menu) throws IOException {
        List<Path> children;
        try (Stream<Path> all = listing.list(folder)) {
            // Files first: what is reached by a link, too, counts where it lies.
            children = all.sorted(Comparator.comparing((Path child) -> Files.isDirectory(child))
                            .thenComparing(child -> name(child).toLowerCase(Locale.ROOT))
                            .thenComparing(child -> child))
                    .toList();
        }
        if (children.stream().anyMatch(child -> Set.of("pyvenv.cfg", "conda-meta").contains(name(child)))) {
            return; // a whole environment: what lies in it was not written for menus
        }
        for (Path child : children) {
            String name = name(child);
            boolean isHidden = name.startsWith(".") || NOT_OPS.contains(name);
            if (!isHidden && Files.isDirectory(child)) {
                List<String> deeper = new ArrayList<>(menu);
                deeper.add(name.replace('_', ' ').strip());
                add(child, deeper);
            } else if (!isHidden && name.endsWith(".py") && Files.isRegularFile(child)) {
                add(child, menu);
            }
        }
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
