package org.alcove;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The files of blocks: made with their memory, and given back with it. */
final class BlockFiles {
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20);

    private BlockFiles() {}

    static long freeBytes(Path directory) throws IOException {
        FileStore store = Files.getFileStore(directory);
        return store.getUsableSpace();
    }

    /** Makes a file of zeros that its owner alone can read; a failure leaves none. */
    static void create(Path path, long size) throws IOException {
        uninterrupted(() -> {
            try (FileChannel channel = FileChannel.open(path,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    OwnerOnly.attributes(path.getParent()))) {
                reserve(channel, size, path);
            }
            return null;
        });
    }

    /** Writes, never maps, until the size is reached: memory that is only mapped fails later, and in other code. */
    private static void reserve(FileChannel channel, long size, Path path) throws IOException {
        try {
            for (long done = 0; done < size; ) {
                ByteBuffer zeros = ZEROS.duplicate();
                done += channel.write(zeros.limit((int) Math.min(zeros.capacity(), size - done)));
            }
        } catch (IOException | RuntimeException | Error e) {
            delete(path);
            throw e;
        }
    }

    /**
     * Maps a file in chunks. Each but the last reaches into the next, so that every stretch of {@code chunkBytes} lies
     * within one of them.
     */
    static List<ByteBuffer> map(Path path, long size, int chunkBytes) throws IOException {
        return map(path, size, chunkBytes, FileChannel.MapMode.READ_WRITE);
    }

    /** The same in another mode. */
    static List<ByteBuffer> map(Path path, long size, int chunkBytes, FileChannel.MapMode mode) throws IOException {
        return uninterrupted(() -> {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                if (channel.size() < size) {
                    throw new IOException("has " + channel.size() + " bytes, not " + size);
                }
                List<ByteBuffer> chunks = new ArrayList<>();
                for (long start = 0; start < size; start += chunkBytes) {
                    long length = Math.min(2L * chunkBytes - 1, size - start);
                    chunks.add(channel.map(mode, start, length));
                }
                return chunks;
            }
        });
    }

    /** Deleting alone keeps the memory for as long as Java maps it. Only for a block that nobody looks into now. */
    static void freePages(Path path) {
        try {
            uninterrupted(() -> {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    return channel.truncate(0);
                }
            });
        } catch (IOException e) {
            // Windows refuses while somebody maps it.
        }
    }

    /** Deletes what a pattern matches but for the files of these names. */
    static void deleteMatching(Path directory, String glob, Set<String> kept) {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
            for (Path path : stream) {
                if (!kept.contains(path.getFileName().toString())) {
                    delete(path);
                }
            }
        } catch (IOException e) {
            // The directory itself is gone, and the blocks with it.
        }
    }

    static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Windows refuses while somebody maps it; the sweeper deletes it later.
        }
    }

    /** What {@link #uninterrupted} does. */
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does it again when an interrupt came in between: a channel closes itself under a thread that is interrupted, and
     * that would look like a full disk or a missing file.
     */
    static <T> T uninterrupted(Work<T> work) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return work.run();
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
