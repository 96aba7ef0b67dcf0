package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where ops are defined.
 *
 * @param member how {@code load} names it: {@code source} for an op file's path, {@code module} for an import name
 * @param value the absolute path or the name
 * @param files all files that it is known to be made of: none for a module
 */
record OpSource(String member, String value, List<Path> files) {
    /** Of one file. */
    private record Version(FileTime modified, long size) {
        static final Version NONE = new Version(FileTime.fromMillis(0), -1);
    }

    static OpSource file(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED,
                    "no op file " + file + (Files.isDirectory(file) ? " (it is a folder)" : ""),
                    "check the path; an op file is a Python file with @op above its functions");
        }
        Path absolute = file.toAbsolutePath().normalize();
        return new OpSource("source", absolute.toString(), List.of(absolute));
    }

    static OpSource module(String name) {
        return new OpSource("module", name, List.of());
    }

    /** The same, which is known to import these files. */
    OpSource withImports(List<Path> imported) {
        Set<Path> all = new LinkedHashSet<>(files);
        all.addAll(imported);
        return new OpSource(member, value, List.copyOf(all));
    }

    /** Changes when the source does, or a file that it imports; modules of the toolbox never change while it runs. */
    Object version() {
        return files.size() == 1 ? version(files.get(0)) : files.stream().map(this::version).toList();
    }

    /** Changes with the contents of the files, wherever they lie. */
    String digest() {
        return files.isEmpty()
                ? value
                : files.stream()
                        .map(file -> Files.exists(file) ? EnvironmentFile.digest(EnvironmentFile.content(file)) : "none")
                        .collect(Collectors.joining(" "));
    }

    private Version version(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Version(attributes.lastModifiedTime(), attributes.size());
        } catch (IOException e) {
            if (file.equals(files.get(0))) {
                throw new AlcoveException(ErrorKind.LOAD_FAILED, "the op file " + value + " is gone", "restore it");
            }
            return Version.NONE; // the op file says whether it can do without
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
