package org.alcove;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A block of shared memory as this host sees it: mapped when first looked into, in chunks because a Java buffer ends at
 * 2 GiB. {@link SharedMemory} guards its counts.
 */
final class Block {
    /** A multiple of every element's size, so that no element lies in two chunks. */
    static final int CHUNK_BYTES = 1 << 30;

    private static final byte[] ZEROS = new byte[1 << 20];

    final String name;
    final long size;
    final Path path;
    /** The worker that made it, null for a block of the host's own. */
    final Worker maker;

    /** Open SharedArrays and calls in flight that need the block. */
    int users;
    /** How many replies lent it to the host; each is given back once. */
    int loans;
    /** How many inputs of calls in flight lie in it; -1 while one does that its op writes to, which it does alone. */
    int lent;
    /** A worker kept a view, or died while it had the block: never used again, never truncated. */
    boolean spoiled;

    private List<ByteBuffer> chunks;

    Block(String name, long size, Path path, Worker maker) {
        this.name = name;
        this.size = size;
        this.path = path;
        this.maker = maker;
    }

    /** Writes, never maps, until the size is reached: memory that is only mapped fails later, and in other code. */
    static void reserve(FileChannel channel, long size) throws IOException {
        for (long done = 0; done < size; ) {
            done += channel.write(ByteBuffer.wrap(ZEROS, 0, (int) Math.min(ZEROS.length, size - done)));
        }
    }

    /** A buffer of {@code length} bytes from {@code start}, but of a chunk's length at most; little-endian. */
    ByteBuffer view(long start, long length) {
        ByteBuffer chunk = chunks().get((int) (start / CHUNK_BYTES));
        int from = (int) (start % CHUNK_BYTES);
        int count = (int) Math.min(length, CHUNK_BYTES);
        return chunk.slice(from, count).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Keeps the content for those who hold the block; if the file is gone already, whoever looks is told. */
    void mapBeforeItIsDeleted() {
        try {
            chunks();
        } catch (AlcoveException gone) {
            // There is nothing to keep.
        }
    }

    private synchronized List<ByteBuffer> chunks() {
        if (chunks == null) {
            try (FileChannel channel =
                    FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                if (channel.size() < size) {
                    throw unavailable("has " + channel.size() + " bytes, not " + size);
                }
                List<ByteBuffer> mapped = new ArrayList<>();
                for (long start = 0; start < size; start += CHUNK_BYTES) {
                    // Each reaches into the next, so that every stretch of a chunk's length lies within one of them.
                    long length = Math.min(2L * CHUNK_BYTES - 1, size - start);
                    mapped.add(channel.map(FileChannel.MapMode.READ_WRITE, start, length));
                }
                chunks = mapped;
            } catch (NoSuchFileException e) {
                throw unavailable("is gone");
            } catch (IOException e) {
                throw unavailable(e.getMessage());
            }
        }
        return chunks;
    }

    private AlcoveException unavailable(String reason) {
        return new AlcoveException(
                ErrorKind.ARRAY_UNAVAILABLE, "block " + name + " " + reason, "the worker that made it may have died");
    }
}
