package org.alcove;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;

/** Files that their owner alone can read: images are nobody else's business. */
final class OwnerOnly {
    private OwnerOnly() {}

    /** Attributes for a new file in this directory; none on Windows, where the folder's own list of access rules. */
    static FileAttribute<?>[] attributes(Path directory) {
        return forMode(directory, "rw-------");
    }

    /** Attributes for a new folder within this one. */
    static FileAttribute<?>[] folderAttributes(Path directory) {
        return forMode(directory, "rwx------");
    }

    /**
     * Makes a folder that its owner alone can look into, or sees to it that the one that is there is such a folder, and
     * this process's user its owner: whoever else has made it could read all that is put into it.
     */
    static void makeFolder(Path folder) throws IOException {
        Files.createDirectories(folder.getParent());
        try {
            Files.createDirectory(folder, folderAttributes(folder));
        } catch (FileAlreadyExistsException e) {
            requireOwn(folder);
        }
    }

    private static void requireOwn(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("it is no folder");
        }
        if (isPosix(folder)) {
            UserPrincipal owner = Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS);
            if (!owner.equals(self(folder.getParent()))) {
                throw new IOException("it belongs to " + owner.getName());
            }
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** Who owns what this process makes, which no name of a user tells as surely. */
    private static UserPrincipal self(Path directory) throws IOException {
        Path made = Files.createTempFile(directory, "alcove-", ".user");
        try {
            return Files.getOwner(made);
        } finally {
            Files.delete(made);
        }
    }

    /** This process's user, as the owner of files. */
    static UserPrincipal self() throws IOException {
        Path process = Path.of("/proc/self"); // which is its user's, and needs no folder to write to
        return Files.exists(process) ? Files.getOwner(process) : self(Path.of(System.getProperty("java.io.tmpdir")));
    }

    private static boolean isPosix(Path directory) {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static FileAttribute<?>[] forMode(Path directory, String mode) {
        if (!isPosix(directory)) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))};
    }
}
