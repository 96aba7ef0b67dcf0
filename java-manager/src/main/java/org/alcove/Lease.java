package org.alcove;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sign that a host lives: a locked file {@code <prefix>.lease} in the memory directory. The kernel drops the lock
 * when the process dies, however it dies; whoever gets the lock then deletes what the host left.
 */
final class Lease implements AutoCloseable {
    private static final Pattern BLOCK = Pattern.compile("(alcove-[0-9a-f]{8})-[a-z0-9-]+");

    /**
     * The system property that lists the leases of this JVM, shared by all copies of this class: a plugin host has
     * several class loaders. As a literal it is one object for all of them, and so the lock that guards the list.
     */
    private static final String OWN = "org.alcove.leases";

    private final Path file;
    private final FileChannel channel;

    private Lease(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Takes the lease for a new prefix. It gets its name only once it is locked, so that no sweeper sees it unlocked. */
    static Lease take(Path directory, String prefix) throws IOException {
        Path file = directory.resolve(prefix + ".lease");
        Path unlocked = directory.resolve(prefix + ".new");
        changeOwn(own -> own.add(file.toString()));
        FileChannel channel =
                FileChannel.open(unlocked, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        OwnerOnly.attributes(directory));
        FileLock lock = channel.tryLock();
        if (lock == null) {
            throw new IOException("could not lock " + unlocked);
        }
        Files.move(unlocked, file, StandardCopyOption.ATOMIC_MOVE);
        return new Lease(file, channel);
    }

    @Override
    public void close() {
        try {
            // First the name, so that no sweeper finds it unlocked; Windows deletes no open file, so there again after.
            tryDelete(file);
            channel.close();
            tryDelete(file);
        } catch (IOException e) {
            // The next sweeper finds the lease unlocked and deletes it.
        }
        changeOwn(own -> own.remove(file.toString()));
    }

    private static void tryDelete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The sweeper will.
        }
    }

    /** Deletes the blocks and leases of dead hosts. */
    static void sweep(Path directory) throws IOException {
        Set<Path> leases = list(directory, "alcove-*.lease");
        for (Path lease : leases) {
            sweepLease(lease);
        }
        for (Path block : list(directory, "alcove-*")) {
            Matcher matcher = BLOCK.matcher(block.getFileName().toString());
            // A lease is there before the first block of its host, so a block without one has no living owner.
            if (matcher.matches() && !Files.exists(directory.resolve(matcher.group(1) + ".lease"))) {
                tryDelete(block);
            }
        }
        StreamRemains.sweep(directory);
    }

    /** Whether a living host holds the lease. */
    static boolean isHeld(Path lease) {
        synchronized (OWN) {
            if (own().contains(lease.toString()) || isOpenHere(lease)) {
                return true;
            }
            try (FileChannel channel = FileChannel.open(lease, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                return lock == null;
            } catch (IOException e) {
                return false;
            }
        }
    }

    private static void sweepLease(Path lease) {
        synchronized (OWN) {
            // POSIX locks belong to the process: opening and closing a lease of this JVM's would drop its lock.
            if (own().contains(lease.toString()) || isOpenHere(lease)) {
                return;
            }
            try {
                sweepUnlocked(lease);
            } catch (IOException e) {
                // Swept by another process, or another user's: no reason for anybody not to start.
            }
        }
    }

    /**
     * Whether something in this process that is no Java has the lease open: a Python that runs this JVM, and shares
     * arrays by itself. Where there is no list of open files, on Windows, a lock belongs to whoever has opened the file.
     */
    private static boolean isOpenHere(Path lease) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/dev/fd"))) {
            for (Path descriptor : descriptors) {
                if (isSame(descriptor, lease)) {
                    return true;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // It is not told, so nobody else is known of.
        }
        return false;
    }

    private static boolean isSame(Path descriptor, Path lease) {
        try {
            return Files.isSameFile(descriptor, lease);
        } catch (IOException e) {
            return false; // closed by now, or the lease is gone
        }
    }

    private static void sweepUnlocked(Path lease) throws IOException {
        Object before = identity(lease);
        try (FileChannel channel = FileChannel.open(lease, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            // Another sweeper may have deleted it in between, and a new host may have taken the name.
            if (lock == null || !before.equals(identity(lease))) {
                return;
            }
            String name = lease.getFileName().toString();
            for (Path block : list(lease.getParent(), name.substring(0, name.lastIndexOf('.')) + "-*")) {
                tryDelete(block);
            }
            tryDelete(lease);
        }
    }

    private static Object identity(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.fileKey() != null ? attributes.fileKey() : attributes.creationTime();
    }

    private static Set<Path> list(Path directory, String glob) throws IOException {
        Set<Path> found = new HashSet<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
            stream.forEach(found::add);
        }
        return found;
    }

    private static Set<String> own() {
        return new HashSet<>(List.of(System.getProperty(OWN, "").split("\n")));
    }

    /** A text it stays: who lists the system properties, as programs do in their reports, fails at any other type. */
    private static void changeOwn(Consumer<Set<String>> change) {
        synchronized (OWN) {
            Set<String> own = own();
            change.accept(own);
            System.setProperty(OWN, String.join("\n", own));
        }
    }
}
