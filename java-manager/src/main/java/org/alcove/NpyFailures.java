package org.alcove;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What goes wrong with one .npy file, or one member of an .npz file, in a user's words. */
record NpyFailures(Path file, String name) {
    private static final List<String> WORDS_OF_A_FULL_DISK = List.of("no space left", "not enough space", "quota exceeded");

    static NpyFailures in(Path file) {
        return new NpyFailures(file, file.toString());
    }

    NpyFailures member(String member) {
        return new NpyFailures(file, member + " in " + file);
    }

    /** The file is something else. */
    AlcoveException notAnArray(String reason) {
        return failure("not_an_array", name + " is no .npy file: " + reason,
                "numpy.save writes one array, numpy.savez several in one file; readImage reads other formats");
    }

    /** The file says that it is one, and then contradicts that. */
    AlcoveException damaged(String reason) {
        return failure("damaged", name + " is damaged or incomplete: " + reason, "copy it again from where it came from");
    }

    /** The file is in order, but holds what a SharedArray does not. */
    AlcoveException unsupported(String reason, String hint) {
        return failure("unsupported", name + " cannot be read: " + reason, hint);
    }

    /** What the system said while the file was read. */
    AlcoveException reading(IOException failure) {
        if (isMissing(failure)) {
            Path folder = file.toAbsolutePath().getParent();
            return failure("not_found", "there is no file " + file,
                    folder == null || Files.isDirectory(folder)
                            ? "check its name"
                            : "there is no folder " + folder + " either");
        } else if (failure instanceof AccessDeniedException) {
            return failure("permission", file + " may not be read", "ask its owner for the right to read it");
        }
        return failure("failed", name + " cannot be read: " + reason(failure), "check that the disk is there");
    }

    /** What the system said while the file was written. */
    AlcoveException writing(IOException failure) {
        String reason = reason(failure);
        if (WORDS_OF_A_FULL_DISK.stream().anyMatch(reason.toLowerCase(Locale.ROOT)::contains)) {
            return failure("disk_full", "the disk is full: " + file + " was not written",
                    "make room, or choose another folder");
        } else if (failure instanceof AccessDeniedException) {
            return failure("permission", file + " may not be written",
                    "choose another folder, or close the program that uses the file");
        }
        return failure("failed", file + " cannot be written: " + reason, "choose another folder");
    }

    /** A failure of the documented kind and cause. */
    AlcoveException failure(String cause, String message, String hint) {
        return new AlcoveException(ErrorKind.FILE_FAILED, message, hint, Map.of("cause", cause, "path", file.toString()));
    }

    private static boolean isMissing(IOException failure) {
        return failure instanceof NoSuchFileException || failure instanceof FileNotFoundException;
    }

    private static String reason(IOException failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
