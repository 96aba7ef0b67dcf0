package org.alcove.catalog;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** A path as one line of a file: signs that would end the line are written as {@code %0A} and {@code %0D}. */
final class PathLine {
    private PathLine() {}

    static String line(Path path) {
        return path.toString().replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D");
    }

    /** The path on a line; nothing when it is none. */
    static Optional<Path> path(String line) {
        try {
            return Optional.of(Path.of(line.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
