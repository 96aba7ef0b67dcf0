package org.alcove;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Files that appear under their name when they are complete, or not at all. */
final class NpyWriting {
    private NpyWriting() {}

    /** What is written into a file that is new. */
    interface Content {
        void writeTo(FileChannel file) throws IOException;
    }

    /** Replaces a file, or makes it and folders that are missing. */
    static void replace(Path path, Content content) {
        NpyFailures failures = NpyFailures.in(path);
        if (Files.isDirectory(path)) {
            throw failures.failure("exists", path + " is a folder", "give the name of a file in it");
        }
        try {
            Path target = target(path);
            Files.createDirectories(target.getParent());
            Path temporary = target.resolveSibling(".alcove-" + UUID.randomUUID() + ".part");
            try {
                try (FileChannel file =
                        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    content.writeTo(file);
                    // Without this a power cut after the move can leave an empty file under the final name.
                    file.force(true);
                }
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw failures.writing(e);
        } catch (UncheckedIOException e) {
            throw failures.writing(e.getCause());
        }
    }

    /** A link stays; what it points to is replaced. */
    private static Path target(Path path) throws IOException {
        try {
            return path.toRealPath();
        } catch (NoSuchFileException e) {
            return path.toAbsolutePath();
        }
    }

    /** All elements in C order. */
    static void write(SharedArray array, FileChannel file) {
        array.forEachChunk(chunk -> unchecked(() -> writeFully(chunk, file)));
    }

    /** All elements in Fortran order. */
    static void writeFortran(SharedArray array, FileChannel file, long start) {
        new NpyTransposition(array)
                .write((position, elements) -> unchecked(() -> writeFully(elements, file, start + position)));
    }

    /** All elements of a primitive Java array as they come. */
    static void write(Object elements, DType dtype, FileChannel file) throws IOException {
        int bytesOfPart = Math.max(1, dtype.bytes() / (int) PrimitiveArrays.length(dtype, 1));
        ByteBuffer piece = ByteBuffer.allocateDirect(NpyElements.PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int length = Array.getLength(elements);
        for (int done = 0; done < length; ) {
            int count = Math.min(piece.capacity() / bytesOfPart, length - done);
            ByteBuffer part = piece.slice(0, count * bytesOfPart).order(ByteOrder.LITTLE_ENDIAN);
            PrimitiveArrays.copy(part.duplicate().order(ByteOrder.LITTLE_ENDIAN), elements, done, true);
            writeFully(part, file);
            done += count;
        }
    }

    static void writeFully(ByteBuffer bytes, FileChannel file) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private static void writeFully(ByteBuffer bytes, FileChannel file, long position) throws IOException {
        for (long at = position; bytes.hasRemaining(); ) {
            at += file.write(bytes, at);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void unchecked(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
