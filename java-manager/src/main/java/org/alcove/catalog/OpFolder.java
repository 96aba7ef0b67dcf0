package org.alcove.catalog;

import java.nio.file.Path;
import java.util.List;

/**
 * A folder of op files; its sub-folders become sub-menus.
 *
 * @param directory the folder, or a single op file
 * @param menu the sub-menus, below Alcove's own, that the files right in it stand in; mostly none
 */
public record OpFolder(Path directory, List<String> menu) {
    /** Keeps a copy of the list, and the absolute path. */
    public OpFolder {
        directory = directory.toAbsolutePath().normalize();
        menu = List.copyOf(menu);
    }
}
