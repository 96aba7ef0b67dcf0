package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Where ops are defined.
 *
 * @param member how {@code load} names it: {@code source} for an op file's path, {@code module} for an import name
 * @param value the absolute path or the name
 */
record OpSource(String member, String value) {
    static OpSource file(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED,
                    "no op file " + file + (Files.isDirectory(file) ? " (it is a folder)" : ""),
                    "check the path; an op file is a Python file with @op above its functions");
        }
        return new OpSource("source", file.toAbsolutePath().normalize().toString());
    }

    static OpSource module(String name) {
        return new OpSource("module", name);
    }

    /** Changes when the source does; modules of the toolbox never change while it runs. */
    Object version() {
        if (member.equals("module")) {
            return "";
        }
        try {
            BasicFileAttributes attributes = Files.readAttributes(Path.of(value), BasicFileAttributes.class);
            return List.of(attributes.lastModifiedTime(), attributes.size());
        } catch (IOException e) {
            throw new AlcoveException(ErrorKind.LOAD_FAILED, "the op file " + value + " is gone", "restore it");
        }
    }

    static AlcoveException notFound(OpSource source, String name, Collection<String> known) {
        return new AlcoveException(
                ErrorKind.OP_NOT_FOUND,
                "no op named " + name + " in " + source.value(),
                "it offers " + String.join(", ", new TreeSet<>(known)),
                Map.of("known", List.copyOf(known)));
    }
}
