package org.alcove;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The host's own blocks within its quota: recycled, and the least recently used given back. {@link SharedMemory} guards it. */
final class BlockPool {
    private static final int SMALLEST_BLOCK = 4096;

    private final Path directory;
    private final long quotaBytes;
    private final Deque<Block> free = new ArrayDeque<>(); // the least recently used first
    private long bytes;
    private long count;

    BlockPool(Path directory, long quotaBytes) {
        this.directory = directory;
        this.quotaBytes = quotaBytes;
    }

    /** Powers of two with four steps between. */
    static long sizeClass(long size) {
        if (size <= SMALLEST_BLOCK) {
            return SMALLEST_BLOCK;
        }
        long step = 1L << Math.max(64 - Long.numberOfLeadingZeros(size - 1) - 3, 0);
        return (size + step - 1) / step * step;
    }

    /** At most 31 characters, however many blocks there were. */
    static String blockName(String prefix, long number) {
        return prefix + "-h-" + Long.toString(number, Character.MAX_RADIX);
    }

    /** The free block of this size that was used last, whose memory is warm; null when there is none. */
    Block takeFree(long size) {
        for (Iterator<Block> newestFirst = free.descendingIterator(); newestFirst.hasNext(); ) {
            Block block = newestFirst.next();
            if (block.size == size) {
                newestFirst.remove();
                return block;
            }
        }
        return null;
    }

    void putFree(Block block) {
        free.addLast(block);
    }

    /** A block that is counted, but has no file yet. */
    Block plan(String prefix, long size) {
        if (bytes + size > quotaBytes) {
            throw outOfMemory(size, quotaBytes - bytes, "close arrays that are no longer needed");
        }
        bytes += size;
        String name = blockName(prefix, count++);
        return new Block(name, size, directory.resolve(name), null);
    }

    /** What was planned could not be made. */
    void cancel(Block block) {
        bytes -= block.size;
    }

    /** Gives back free blocks until so many bytes are within the quota, or none is left. */
    List<Block> dropFreeFor(long size) {
        List<Block> dropped = new ArrayList<>();
        while (bytes + size > quotaBytes && !free.isEmpty()) {
            Block oldest = free.pollFirst();
            drop(oldest);
            dropped.add(oldest);
        }
        return dropped;
    }

    List<Block> dropAllFree() {
        List<Block> dropped = new ArrayList<>(free);
        free.clear();
        dropped.forEach(this::drop);
        return dropped;
    }

    /** Takes a block that is not free out of the books and deletes its file. */
    void drop(Block block) {
        bytes -= block.size;
        if (!block.spoiled) {
            BlockFiles.freePages(block.path);
        }
        BlockFiles.delete(block.path);
    }

    AlcoveException outOfMemory(long wanted, long free, String hint) {
        return new AlcoveException(
                ErrorKind.OUT_OF_SHARED_MEMORY,
                "no room for " + wanted + " bytes of shared memory in " + directory,
                hint,
                Map.of("wanted_bytes", wanted, "free_bytes", free, "directory", directory.toString()));
    }
}
