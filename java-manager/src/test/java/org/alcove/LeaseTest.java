package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who lives is known by a lock; what the dead left is swept. */
class LeaseTest {
    private static final String DEAD = "alcove-0dead0aa";
    private static final String OTHER = "alcove-0dead0bb";

    @TempDir
    private Path directory;

    @Test
    void sweepsWhatADeadHostLeft() throws IOException {
        create(DEAD + ".lease", DEAD + "-h-0", DEAD + "-w1-12", DEAD + HostFile.END_OF_NAME, DEAD + "-state-new");
        Lease.sweep(directory);
        assertEquals(Set.of(), files());
    }

    @Test
    void sweepsBlocksWithoutALease() throws IOException {
        create(DEAD + "-h-0", OTHER + "-w2-3", DEAD + HostFile.END_OF_NAME);
        Lease.sweep(directory);
        assertEquals(Set.of(), files());
    }

    @Test
    void leavesEveryOtherFileAlone() throws IOException {
        create("alcove", "alcove-", "alcove-notes.txt", "alcove-0dead0aax-h-0", "psm_1234", "sem.alcove-0dead0aa-h-0",
                "alcove-0DEAD0AA-h-0", DEAD + "-h-0.txt");
        Set<String> before = files();
        Lease.sweep(directory);
        assertEquals(before, files());
    }

    @Test
    void sparesTheHostsOfThisProgram() throws IOException {
        try (Lease lease = Lease.take(directory, OTHER)) {
            create(OTHER + "-h-0", DEAD + ".lease");
            Lease.sweep(directory);
            Lease.sweep(directory);
            assertEquals(Set.of(OTHER + ".lease", OTHER + "-h-0"), files());
            // The lock is still there: a look at the lease by its own process would have dropped it unnoticed.
            assertTrue(isLockedForOthers(directory.resolve(OTHER + ".lease")), "sweeping dropped the lock");
            assertTrue(Files.exists(lease(lease)));
        }
    }

    @Test
    void sparesTheHostsOfThisProgramWhateverTheFolderIsCalled() throws IOException {
        Path real = Files.createDirectory(directory.resolve("real"));
        Path alias = Files.createSymbolicLink(directory.resolve("alias"), real);
        try (SharedMemory one = SharedMemory.open(real);
                SharedMemory other = SharedMemory.open(alias)) {
            one.allocate(1);
            SharedMemory.open(alias).close();
            Path lease = real.resolve(one.prefix() + ".lease");
            assertTrue(isLockedForOthers(lease), "the lock of " + one.prefix() + " is gone");
            assertTrue(Files.exists(real.resolve(one.prefix() + "-h-0")));
            assertEquals(one.directory(), other.directory());
        }
    }

    /** A Python that runs this JVM, say: neither knows of the other's leases, and locks exclude other processes alone. */
    @Test
    void sparesALeaseThatSomethingElseInThisProcessHasOpen() throws IOException {
        assumeTrue(Files.isDirectory(Path.of("/dev/fd")), "there is no list of open files");
        create(OTHER + ".lease", OTHER + "-h-0");
        try (InputStream open = Files.newInputStream(directory.resolve(OTHER + ".lease"))) {
            Lease.sweep(directory);
            assertEquals(Set.of(OTHER + ".lease", OTHER + "-h-0"), files());
        }
        Lease.sweep(directory);
        assertEquals(Set.of(), files());
    }

    @Test
    void sparesALivingHostOfAnotherProgram() throws Exception {
        create(OTHER + ".lease", OTHER + "-h-0", DEAD + ".lease", DEAD + "-h-0");
        try (PythonProgram holder = lockHolder(directory.resolve(OTHER + ".lease"))) {
            assertEquals("locked", holder.readLine());
            Lease.sweep(directory);
            assertEquals(Set.of(OTHER + ".lease", OTHER + "-h-0"), files());
        }
        Lease.sweep(directory);
        assertEquals(Set.of(), files(), "the host is dead now");
    }

    @Test
    void deletesItsFileWhenItIsClosedAndSoDoesClosingTwice() throws IOException {
        Lease lease = Lease.take(directory, OTHER);
        assertEquals(Set.of(OTHER + ".lease"), files());
        lease.close();
        lease.close();
        assertEquals(Set.of(), files());
    }

    @Test
    void isReadableForItsOwnerAlone() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
        try (Lease lease = Lease.take(directory, OTHER)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(lease(lease))));
        }
    }

    @Test
    void goesOnWhenSomethingCannotBeSwept() throws IOException {
        Files.createDirectories(directory.resolve(DEAD + "-h-0").resolve("full"));
        Files.createDirectories(directory.resolve(OTHER + ".lease").resolve("full"));
        create("alcove-0dead0cc-h-0", "alcove-0dead0cc.lease");
        Lease.sweep(directory);
        assertEquals(Set.of(DEAD + "-h-0", OTHER + ".lease"), files());
    }

    @Test
    void doesNotSpoilTheSystemPropertiesForThoseWhoListThem() throws IOException {
        try (Lease lease = Lease.take(directory, OTHER)) {
            // These throw when any property is no text, as every program that logs its properties would find out.
            System.getProperties().list(new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8));
            System.getProperties().store(new ByteArrayOutputStream(), null);
            assertTrue(Files.exists(lease(lease)));
        }
    }

    private Path lease(Lease lease) {
        return directory.resolve(OTHER + ".lease");
    }

    private void create(String... names) throws IOException {
        for (String name : names) {
            Files.createFile(directory.resolve(name));
        }
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static PythonProgram lockHolder(Path lease) throws IOException {
        return PythonProgram.start("""
                import sys
                from pathlib import Path
                from alcove.locks import try_lock
                lock = try_lock(Path(sys.argv[1]))
                print('locked' if lock else 'not locked', flush=True)
                sys.stdin.read()
                """, lease);
    }

    /** Asks another process, because a process always gets its own locks. */
    private static boolean isLockedForOthers(Path lease) throws IOException {
        try (PythonProgram program = lockHolder(lease)) {
            return program.readLine().equals("not locked");
        }
    }
}
