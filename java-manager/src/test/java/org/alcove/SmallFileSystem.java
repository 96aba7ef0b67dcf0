package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A file system in memory that is soon full. Tests that need one are skipped where it cannot be mounted. */
public final class SmallFileSystem implements AutoCloseable {
    private final Path directory;

    private SmallFileSystem(Path directory) {
        this.directory = directory;
    }

    public static SmallFileSystem mount(Path directory, int mebibytes) throws IOException {
        Files.createDirectories(directory);
        int exitCode;
        try {
            exitCode = run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "alcove-test", directory.toString());
        } catch (IOException e) {
            exitCode = -1;
        }
        Assumptions.assumeTrue(exitCode == 0, "only root on Linux may mount a small file system");
        return new SmallFileSystem(directory);
    }

    public Path directory() {
        return directory;
    }

    Set<String> files() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A file of somebody else's. */
    public Path fill(int mebibytes) throws IOException {
        return Files.write(directory.resolve("not ours"), new byte[mebibytes << 20]);
    }

    @Override
    public void close() throws IOException {
        run("umount", "-l", directory.toString()); // lazily: what is mapped still lives as long as it is
    }

    private static int run(String... command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .onExit()
                .join()
                .exitValue();
    }
}
