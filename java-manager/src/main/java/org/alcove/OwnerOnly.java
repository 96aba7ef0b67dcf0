package org.alcove;

import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

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

    private static FileAttribute<?>[] forMode(Path directory, String mode) {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))};
    }
}
