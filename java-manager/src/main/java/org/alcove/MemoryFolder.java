package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Set;

/** The memory directory, and this host in it: what all its files and those of its workers begin with, and the lease on them. */
final class MemoryFolder implements AutoCloseable {
    private final Path path;
    private final String prefix = String.format("alcove-%08x", new SecureRandom().nextInt());
    private Lease lease; // taken when it is first needed: who has neither block nor worker can leave nothing

    private MemoryFolder(Path path) {
        this.path = path;
    }

    /** Makes the directory if need be, and sweeps what dead hosts left there. */
    static MemoryFolder open(Path directory) {
        try {
            Files.createDirectories(directory);
            Path real = directory.toRealPath(); // one name for it: leases are known by theirs
            Lease.sweep(real);
            return new MemoryFolder(real);
        } catch (IOException e) {
            throw unusable(directory, e);
        }
    }

    Path path() {
        return path;
    }

    /** The host's prefix, leased from now on. */
    synchronized String prefix() {
        if (lease == null) {
            try {
                lease = Lease.take(path, prefix);
            } catch (IOException e) {
                throw unusable(path, e);
            }
        }
        return prefix;
    }

    /** Ends the lease; files stay. */
    @Override
    public synchronized void close() {
        if (lease != null) {
            lease.close();
        }
    }

    /** Deletes all that this host and its workers have there. */
    void deleteFiles() {
        BlockFiles.deleteMatching(path, prefix + "-*", Set.of());
    }

    static AlcoveException unusable(Path directory, IOException reason) {
        return new AlcoveException(
                ErrorKind.OUT_OF_SHARED_MEMORY,
                "the memory directory " + directory + " cannot be used: " + Folders.reason(reason),
                "set ALCOVE_MEMORY_DIR to a folder that you can write to");
    }
}
