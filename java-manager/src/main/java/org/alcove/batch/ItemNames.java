package org.alcove.batch;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Names for items, each given once: by a file's place below a folder, or by what somebody wrote. */
final class ItemNames {
    private final Set<String> given = new HashSet<>();

    /** The file's path below the folder, or its name alone where it lies elsewhere. */
    String of(Path file, Path folder) {
        Path base = folder.toAbsolutePath().normalize();
        Path name = file.startsWith(base) && !file.equals(base) ? base.relativize(file) : file.getFileName();
        return of(name.toString().replace('\\', '/'));
    }

    /** The name itself when it is new, else with a number: {@code plate1/A01~2.tif}. */
    String of(String wanted) {
        String name = wanted;
        for (int number = 2; !given.add(name); number++) {
            int dot = wanted.indexOf('.', wanted.lastIndexOf('/') + 2); // a name may begin with a dot
            int end = dot < 0 ? wanted.length() : dot;
            name = wanted.substring(0, end) + "~" + number + wanted.substring(end);
        }
        return name;
    }
}
