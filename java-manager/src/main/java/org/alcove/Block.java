package org.alcove;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A block of shared memory as this host sees it: mapped when first looked into, in chunks because a Java buffer ends at
 * 2 GiB. {@link SharedMemory} guards its counts.
 */
final class Block {
    /** A multiple of every element's size, so that no element lies in two chunks. */
    static final int CHUNK_BYTES = 1 << 30;

    final String name;
    final long size;
    final Path path;
    /** The worker that made it, or null. */
    final Worker maker;
    /** Made by a process that is neither this host nor a worker of its: it is looked into, and left to itself. */
    final boolean foreign;

    /** Open SharedArrays and calls in flight that need the block. */
    int users;
    /** How many replies lent it to the host; each is given back once. */
    int loans;
    /** How many inputs of calls in flight lie in it; -1 while one does that its op writes to, which it does alone. */
    int lent;
    /** A worker kept a view, or died while it had the block, or others know its file: never used again, never truncated. */
    boolean spoiled;
    /** The worker that made it has ended; the file is deleted when nobody uses it any more. */
    boolean makerIsGone;

    /** How often everybody was done with it. An array from an earlier life would find others' elements in it. */
    long life;
    /** How many of its mappings, past ones too, have views that somebody may still hold. */
    int keptMappings;

    private List<ByteBuffer> chunks;
    private boolean viewsAreKept;

    /** A block of the host's own, or of the worker {@code maker}. */
    Block(String name, long size, Path path, Worker maker) {
        this(name, size, path, maker, false);
    }

    private Block(String name, long size, Path path, Worker maker, boolean foreign) {
        this.name = name;
        this.size = size;
        this.path = path;
        this.maker = maker;
        this.foreign = foreign;
    }

    /**
     * A block of another process, mapped at once.
     *
     * @throws AlcoveException {@link ErrorKind#ARRAY_UNAVAILABLE}
     */
    static Block foreign(String name, Path path) {
        Block block = new Block(name, path.toFile().length(), path, null, true);
        block.chunks();
        return block;
    }

    /** A buffer of {@code length} bytes from {@code start}, but of a chunk's length at most; little-endian. */
    ByteBuffer view(long start, long length) {
        ByteBuffer chunk = chunks().get((int) (start / CHUNK_BYTES));
        int from = (int) (start % CHUNK_BYTES);
        int count = (int) Math.min(length, CHUNK_BYTES);
        return chunk.slice(from, count).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * From now on views of the present mappings may be kept.
     *
     * @return the mappings when that is news, else nothing; they are collected after the last view of them
     */
    synchronized List<ByteBuffer> keepViews() {
        if (viewsAreKept) {
            return List.of();
        }
        List<ByteBuffer> mapped = chunks();
        viewsAreKept = true;
        return mapped;
    }

    /** Nobody uses the block any more: mappings of which views were kept live on as long as these do. */
    synchronized void letGoOfKeptViews() {
        if (viewsAreKept) {
            chunks = null;
            viewsAreKept = false;
        }
    }

    private synchronized List<ByteBuffer> chunks() {
        if (chunks == null) {
            try {
                chunks = BlockFiles.map(path, size, CHUNK_BYTES);
            } catch (NoSuchFileException e) {
                throw unavailable("is gone");
            } catch (IOException e) {
                throw unavailable(e.getMessage());
            }
        }
        return chunks;
    }

    AlcoveException unavailable(String reason) {
        return new AlcoveException(
                ErrorKind.ARRAY_UNAVAILABLE,
                "block " + name + " " + reason,
                "whoever made it may have closed it, or died",
                Map.of("block", name));
    }
}
