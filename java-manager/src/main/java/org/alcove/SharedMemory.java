package org.alcove;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The host's side of shared memory: its own blocks, pooled, and those that workers lent it. Whoever makes a block
 * recycles it, because the first touch of fresh memory costs more than a copy.
 *
 * <p>A block is in use while a SharedArray on it is open or a call in flight names it. One lock guards all counts;
 * messages to workers are sent outside of it.
 */
final class SharedMemory implements AutoCloseable {
    static final String HINT_WHEN_FULL = "free memory, or set ALCOVE_MEMORY_DIR to a folder with more room; in Docker"
            + " start the container with a larger --shm-size";
    private static final int SMALLEST_BLOCK = 4096;

    private final Path directory;
    private final String prefix;
    private final long quotaBytes;
    private final Map<String, Block> blocks = new HashMap<>();
    private final Deque<Block> free = new ArrayDeque<>(); // the least recently used first
    private Consumer<List<String>> onDropped = names -> {};
    private long ownBytes;
    private long count;
    private Lease lease; // taken with the first block or worker: who has neither can leave nothing
    private long lastUsed = System.nanoTime();
    private boolean closed;

    private SharedMemory(Path directory, String prefix, long quotaBytes) {
        this.directory = directory;
        this.prefix = prefix;
        this.quotaBytes = quotaBytes;
    }

    /** Sweeps what dead hosts left in the memory directory. */
    static SharedMemory open(Path directory) {
        try {
            Files.createDirectories(directory);
            return open(directory, freeBytes(directory) / 2);
        } catch (IOException e) {
            throw unusable(directory, e);
        }
    }

    static SharedMemory open(Path directory, long quotaBytes) {
        String prefix = String.format("alcove-%08x", new SecureRandom().nextInt());
        try {
            Files.createDirectories(directory);
            Path real = directory.toRealPath(); // one name for it: leases are known by theirs
            Lease.sweep(real);
            return new SharedMemory(real, prefix, quotaBytes);
        } catch (IOException e) {
            throw unusable(directory, e);
        }
    }

    Path directory() {
        return directory;
    }

    /** What the names of this host's and its workers' blocks begin with; from now on it has a lease on them. */
    synchronized String prefix() {
        requireOpen();
        if (lease == null) {
            try {
                lease = Lease.take(directory, prefix);
            } catch (IOException e) {
                throw unusable(directory, e);
            }
        }
        return prefix;
    }

    long quotaBytes() {
        return quotaBytes;
    }

    /** Who tells the workers that blocks are gone; set before the first worker starts. */
    void onDropped(Consumer<List<String>> listener) {
        onDropped = listener;
    }

    static long freeBytes(Path directory) throws IOException {
        FileStore store = Files.getFileStore(directory);
        return store.getUsableSpace();
    }

    /** A block of the host's own with at least {@code size} bytes and one user; recycled content is not cleared. */
    Block allocate(long size) {
        long wanted = sizeClass(size);
        synchronized (this) {
            requireOpen();
            lastUsed = System.nanoTime();
            Block recycled = takeFree(wanted);
            if (recycled != null) {
                recycled.users = 1;
                return recycled;
            }
        }
        List<Block> dropped = new ArrayList<>();
        synchronized (this) {
            while (ownBytes + wanted > quotaBytes && !free.isEmpty()) {
                dropped.add(drop(free.pollFirst()));
            }
        }
        tellDropped(dropped);
        return create(wanted);
    }

    /**
     * A reply of {@code worker} names a block: one more user, who must {@link #unuse} it, and one more loan when the
     * worker made the block itself. Any other block must be among those that the call brought.
     */
    synchronized Block borrow(String name, Worker worker, Collection<Block> inputs) {
        requireOpen();
        Block block = blocks.get(name);
        if (block == null && name.matches("[a-z0-9-]+") && name.startsWith(worker.prefix())) {
            Path path = directory.resolve(name);
            block = new Block(name, path.toFile().length(), path, worker);
            blocks.put(name, block);
        }
        if (block == null || block.maker != worker && !inputs.contains(block)) {
            throw Connection.violation("an array in a block that is neither its own nor the call's: " + name);
        }
        if (block.maker == worker) {
            block.loans++;
        }
        block.users++;
        return block;
    }

    /** One more user of a block that has one already. */
    synchronized void use(Block block) {
        block.users++;
    }

    /** One user less; the last one recycles an own block and gives a worker's back. */
    void unuse(Block block) {
        int loans;
        synchronized (this) {
            lastUsed = System.nanoTime();
            if (--block.users > 0 || closed) {
                return;
            }
            if (block.maker == null && !block.spoiled) {
                free.addLast(block);
                return;
            }
            if (block.maker == null) {
                drop(block);
            }
            loans = block.spoiled ? 0 : block.loans; // the maker must not use a spoiled one again, so its loan stays
            block.loans -= loans;
        }
        if (block.maker == null) {
            tellDropped(List.of(block));
        } else if (loans > 0) {
            block.maker.release(java.util.Collections.nCopies(loans, block.name));
        }
    }

    /**
     * An input of a call lies in the block, which has one user more for that; false when it must not, because one of the
     * two that would share the block then is written to.
     */
    synchronized boolean lend(Block block, boolean toBeWritten) {
        if (block.lent < 0 || toBeWritten && block.lent > 0) {
            return false;
        }
        block.lent = toBeWritten ? -1 : block.lent + 1;
        return true;
    }

    /** The end of what {@link #lend} began. */
    void takeBack(Block block) {
        synchronized (this) {
            block.lent = Math.max(block.lent, 1) - 1;
        }
        unuse(block);
    }

    /** A worker still looks at these blocks, so nobody may ever write to them again. */
    synchronized void keep(Collection<String> names) {
        for (String name : names) {
            Block block = blocks.get(name);
            if (block != null) {
                block.spoiled = true;
            }
        }
    }

    /** Their maker dropped these blocks. */
    void forgotten(List<String> names, Worker maker) {
        List<Block> dropped = new ArrayList<>();
        synchronized (this) {
            for (String name : names) {
                Block block = blocks.get(name);
                if (block != null && block.maker == maker) {
                    dropped.add(blocks.remove(name));
                }
            }
        }
        tellDropped(dropped);
    }

    /**
     * A worker is gone: deletes the blocks that it made. Their mappings stay readable, so arrays that are still open
     * keep their content.
     */
    void workerGone(Worker worker, String workerPrefix) {
        synchronized (this) {
            for (Iterator<Block> all = blocks.values().iterator(); all.hasNext(); ) {
                Block block = all.next();
                if (block.maker == worker) {
                    if (block.users > 0) {
                        block.mapBeforeItIsDeleted();
                        block.spoiled = true;
                    }
                    all.remove();
                }
            }
        }
        deleteMatching(workerPrefix + "*");
    }

    /** Gives back the memory of all free blocks when none was taken or given back for that long. */
    void trimIfIdle(long nanoseconds) {
        synchronized (this) {
            if (System.nanoTime() - lastUsed < nanoseconds) {
                return;
            }
        }
        trim();
    }

    /** Gives back the memory of all free blocks. */
    void trim() {
        List<Block> dropped = new ArrayList<>();
        synchronized (this) {
            while (!free.isEmpty()) {
                dropped.add(drop(free.pollFirst()));
            }
        }
        tellDropped(dropped);
    }

    /** Says that the host is about to end, so that its workers need not wait for it when they sweep. */
    synchronized void endLease() {
        if (lease != null) {
            lease.close();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            blocks.clear();
            free.forEach(SharedMemory::freePages);
            free.clear();
        }
        endLease();
        deleteMatching(prefix + "-*");
    }

    /** Powers of two with four steps between. */
    static long sizeClass(long size) {
        if (size <= SMALLEST_BLOCK) {
            return SMALLEST_BLOCK;
        }
        long step = 1L << Math.max(64 - Long.numberOfLeadingZeros(size - 1) - 3, 0);
        return (size + step - 1) / step * step;
    }

    private Block takeFree(long wanted) {
        for (Iterator<Block> newestFirst = free.descendingIterator(); newestFirst.hasNext(); ) {
            Block block = newestFirst.next();
            if (block.size == wanted) {
                newestFirst.remove();
                return block;
            }
        }
        return null;
    }

    private Block create(long size) {
        Path path;
        String name;
        synchronized (this) {
            if (ownBytes + size > quotaBytes) {
                throw outOfMemory(size, quotaBytes - ownBytes, "close arrays that are no longer needed");
            }
            ownBytes += size;
            name = prefix() + "-h-" + count++;
            path = directory.resolve(name);
        }
        try (FileChannel channel = FileChannel.open(path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OwnerOnly.attributes(directory))) {
            Block.reserve(channel, size);
        } catch (IOException e) {
            delete(path);
            synchronized (this) {
                ownBytes -= size;
            }
            throw outOfMemory(size, path.getParent().toFile().getUsableSpace(), HINT_WHEN_FULL);
        }
        Block block = new Block(name, size, path, null);
        block.users = 1;
        synchronized (this) {
            blocks.put(name, block);
        }
        return block;
    }

    private static AlcoveException unusable(Path directory, IOException reason) {
        return new AlcoveException(
                ErrorKind.OUT_OF_SHARED_MEMORY,
                "the memory directory " + directory + " cannot be used: " + Folders.reason(reason),
                "set ALCOVE_MEMORY_DIR to a folder that you can write to");
    }

    private AlcoveException outOfMemory(long wanted, long free, String hint) {
        return new AlcoveException(
                ErrorKind.OUT_OF_SHARED_MEMORY,
                "no room for " + wanted + " bytes of shared memory in " + directory,
                hint,
                Map.of("wanted_bytes", wanted, "free_bytes", free, "directory", directory.toString()));
    }

    /** Takes an own block out of the books and deletes its file. */
    private Block drop(Block block) {
        blocks.remove(block.name);
        ownBytes -= block.size;
        if (!block.spoiled) {
            freePages(block);
        }
        delete(block.path);
        return block;
    }

    /** Deleting alone keeps the memory for as long as Java maps it. Only for a block that nobody looks into now. */
    private static void freePages(Block block) {
        try (FileChannel channel = FileChannel.open(block.path, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        } catch (IOException e) {
            // Windows refuses while somebody maps it.
        }
    }

    private void tellDropped(List<Block> dropped) {
        if (!dropped.isEmpty()) {
            onDropped.accept(dropped.stream().map(block -> block.name).toList());
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("Alcove is closed");
        }
    }

    private void deleteMatching(String glob) {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
            stream.forEach(SharedMemory::delete);
        } catch (IOException e) {
            // The directory itself is gone, and the blocks with it.
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Windows refuses while somebody maps it; the sweeper deletes it later.
        }
    }
}
