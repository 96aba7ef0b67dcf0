package org.alcove.catalog;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file or folder could not be used, without the name of an exception. */
final class Reasons {
    private Reasons() {}

    static String of(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "it is not there";
        } else if (failure instanceof AccessDeniedException) {
            return "permission denied";
        } else if (failure instanceof NotDirectoryException) {
            return "it is no folder";
        } else if (failure instanceof FileSystemLoopException) {
            return "its links lead in a circle";
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
