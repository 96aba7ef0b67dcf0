package org.alcove.catalog;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/**
 * The file in which it stands what a user has agreed to: for each agreement a line with a digest and a path. It is replaced
 * whole, under a lock, so that two programs never lose each other's lines; readers need no lock.
 */
final class TrustRecord {
    /** In the place of a digest: everything in the folder. */
    static final String FOLDER = "folder";

    private static final String FIRST_LINE = "# Op files that may run, by the digest of their content. Alcove writes this.";
    private static final int MOST_FOR_EACH = 20;
    private static final Object WITHIN_THIS_PROGRAM = new Object();

    private final Path file;

    TrustRecord(Path file) {
        this.file = file;
    }

    /** What stands there: by path, in the order in which it was agreed to; lines that make no sense count for nothing. */
    Map<Path, Set<String>> read() {
        try {
            return parsed();
        } catch (IOException e) {
            return Map.of(); // so the user is asked
        }
    }

    void add(Path path, String digest) {
        change(all -> {
            Set<String> digests = all.computeIfAbsent(path, any -> new LinkedHashSet<>());
            digests.remove(digest);
            digests.add(digest);
            while (digests.size() > MOST_FOR_EACH) {
                digests.remove(digests.iterator().next());
            }
        });
    }

    void remove(Path path) {
        change(all -> all.remove(path));
    }

    private void change(Consumer<Map<Path, Set<String>>> change) {
        Path lock = file.resolveSibling("." + file.getFileName() + ".lock");
        synchronized (WITHIN_THIS_PROGRAM) {
            try {
                Files.createDirectories(file.getParent());
                // A file of its own: to close the record after reading it would drop a lock on it.
                try (FileChannel channel =
                                FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        var held = channel.lock()) {
                    Map<Path, Set<String>> all = parsed();
                    change.accept(all);
                    write(all);
                }
            } catch (IOException e) {
                throw new AlcoveException(
                        ErrorKind.FILE_FAILED,
                        "your answer cannot be remembered in " + file + ": " + Reasons.of(e),
                        "make room there, or see to it that you may write to that folder",
                        Map.of("cause", "permission"));
            }
        }
    }

    private Map<Path, Set<String>> parsed() throws IOException {
        Map<Path, Set<String>> all = new LinkedHashMap<>();
        List<String> lines;
        try {
            lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
        } catch (NoSuchFileException e) {
            return all;
        }
        for (String line : lines) {
            int blank = line.indexOf(' ');
            if (blank > 0 && !line.startsWith("#")) {
                PathLine.path(line.substring(blank + 1))
                        .ifPresent(path -> all.computeIfAbsent(path, any -> new LinkedHashSet<>())
                                .add(line.substring(0, blank)));
            }
        }
        return all;
    }

    private void write(Map<Path, Set<String>> all) throws IOException {
        List<String> lines = new ArrayList<>(List.of(FIRST_LINE));
        all.forEach((path, digests) -> digests.forEach(digest -> lines.add(digest + " " + PathLine.line(path))));
        Path staging = Files.createTempFile(file.getParent(), ".trusted-ops-", ""); // its owner's alone
        try {
            Files.write(staging, lines);
            Files.move(staging, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(staging);
        }
    }
}
