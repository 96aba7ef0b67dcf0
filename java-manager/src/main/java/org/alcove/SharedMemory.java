package org.alcove;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The host's side of shared memory: its own blocks, pooled, and those that workers lent it. Whoever makes a block
 * recycles it, because the first touch of fresh memory costs more than a copy.
 *
 * <p>A block is in use while a SharedArray on it is open or a call in flight names it, and after that until the garbage
 * collector says that nobody can look into it any more, if views of it were given away to be kept. One lock guards all
 * counts; messages to workers are sent outside of it.
 */
final class SharedMemory implements AutoCloseable {
    static final String HINT_WHEN_FULL = "free memory, or set ALCOVE_MEMORY_DIR to a folder with more room; in Docker"
            + " start the container with a larger --shm-size";
    static final Cleaner CLEANER = Cleaner.create();

    private final MemoryFolder folder;
    private final long quotaBytes;
    private final Map<String, Block> blocks = new HashMap<>();
    private final BlockPool pool;
    private Consumer<List<String>> onDropped = names -> {};
    private final KeptViews keptViews;
    private long givenBack;
    private long lastUsed = System.nanoTime();
    private boolean collectedWhileIdle;
    private boolean closed;

    private SharedMemory(MemoryFolder folder, long quotaBytes) {
        this.folder = folder;
        this.quotaBytes = quotaBytes;
        this.pool = new BlockPool(folder.path(), quotaBytes);
        this.keptViews = new KeptViews(quotaBytes);
    }

    /** Sweeps what dead hosts left in the memory directory. */
    static SharedMemory open(Path directory) {
        return open(new Places.Place(directory, "chosen"));
    }

    /** As above; half of what is free there is the quota of this host, and of each of its workers. */
    static SharedMemory open(Places.Place place) {
        try {
            return open(place.path(), BlockFiles.freeBytes(Places.prepared(place)) / 2);
        } catch (IOException e) {
            throw MemoryFolder.unusable(place.path(), e);
        }
    }

    static SharedMemory open(Path directory, long quotaBytes) {
        return new SharedMemory(MemoryFolder.open(directory), quotaBytes);
    }

    Path directory() {
        return folder.path();
    }

    /** What the names of this host's and its workers' blocks begin with; from now on it has a lease on them. */
    synchronized String prefix() {
        requireOpen();
        return folder.prefix();
    }

    long quotaBytes() {
        return quotaBytes;
    }

    /** Who tells the workers that blocks are gone; set before the first worker starts. */
    void onDropped(Consumer<List<String>> listener) {
        onDropped = listener;
    }

    /**
     * A block of the host's own with at least {@code size} bytes and one user; recycled content is not cleared.
     *
     * @throws AlcoveException {@link ErrorKind#OUT_OF_SHARED_MEMORY} when free blocks, and those that the collector finds
     *     free, do not make room enough
     */
    Block allocate(long size) {
        long wanted = BlockPool.sizeClass(size);
        Collecting collecting = new Collecting(this);
        while (true) {
            try {
                Block recycled = recycle(wanted);
                return recycled != null ? recycled : create(wanted);
            } catch (AlcoveException full) {
                if (wanted > quotaBytes || !collecting.findsMore()) {
                    throw full;
                }
            }
        }
    }

    private synchronized Block recycle(long wanted) {
        requireOpen();
        used();
        Block recycled = pool.takeFree(wanted);
        if (recycled != null) {
            recycled.users = 1;
        }
        return recycled;
    }

    /** A new block, for which free ones have to go where there is too little room. */
    private Block create(long size) {
        List<Block> dropped;
        synchronized (this) {
            dropped = pool.dropFreeFor(size);
            dropped.forEach(block -> blocks.remove(block.name));
        }
        tellDropped(dropped);
        try {
            return createAtOnce(size);
        } catch (AlcoveException full) {
            // Others may have filled the file system.
            if (!trim()) {
                throw full;
            }
            return createAtOnce(size);
        }
    }

    private Block createAtOnce(long size) {
        Block block;
        synchronized (this) {
            block = pool.plan(prefix(), size);
            block.users = 1;
            blocks.put(block.name, block);
        }
        boolean made = false;
        try {
            BlockFiles.create(block.path, size);
            made = true;
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw MemoryFolder.unusable(directory(), e);
        } catch (IOException e) {
            throw pool.outOfMemory(size, directory().toFile().getUsableSpace(), HINT_WHEN_FULL);
        } finally {
            settle(block, made);
        }
        return block;
    }

    /** What was planned is there now, or never will be. */
    private synchronized void settle(Block block, boolean made) {
        if (made && closed) {
            BlockFiles.delete(block.path); // it came after all others were deleted
        }
        if (!made) {
            blocks.remove(block.name);
            pool.cancel(block);
        }
    }

    /** How many blocks have been given back so far. */
    synchronized long givenBack() {
        return givenBack;
    }

    /** Waits for another block to be given back than those {@code before}; whether one was. */
    synchronized boolean awaitGivenBack(long before, long milliseconds) throws InterruptedException {
        if (givenBack == before) {
            wait(milliseconds);
        }
        return givenBack != before;
    }

    synchronized boolean isAnyInUse() {
        return blocks.values().stream().anyMatch(block -> block.users > 0 || block.keptMappings > 0);
    }

    private void used() {
        lastUsed = System.nanoTime();
        collectedWhileIdle = false;
    }

    /**
     * A reply of {@code worker} names a block: one more user, who must {@link #unuse} it, and one more loan when the
     * worker made the block itself. Any other block must be among those that the call brought.
     */
    synchronized Block borrow(String name, Worker worker, Collection<Block> inputs) {
        requireOpen();
        Block block = blocks.get(name);
        if (block == null && name.matches("[a-z0-9-]+") && name.startsWith(worker.prefix())) {
            Path path = directory().resolve(name);
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

    /**
     * A block in the memory directory that somebody made, with one more user; another process's is mapped as it is, and
     * never recycled or deleted.
     *
     * @param end where what is looked for ends in it
     * @throws AlcoveException {@link ErrorKind#ARRAY_UNAVAILABLE}
     */
    synchronized Block attach(String name, long end) {
        requireOpen();
        if (!name.matches("[a-z0-9-]+")) {
            throw new AlcoveException(ErrorKind.ARRAY_UNAVAILABLE, "no block can be called " + name,
                    "a block's name has letters a to z, digits and hyphens", Map.of("block", name));
        }
        Block block = blocks.get(name);
        if (block == null) {
            block = Block.foreign(name, directory().resolve(name));
        } else if (block.users == 0) {
            throw block.unavailable("was closed");
        }
        if (end > block.size) {
            throw block.unavailable("has " + block.size + " bytes, the array ends at " + end);
        }
        blocks.put(name, block);
        block.users++;
        return block;
    }

    /** One more user of a block that has one already. */
    synchronized void use(Block block) {
        block.users++;
    }

    /** One more user of a block that may have none, unless it has been given back since that life. */
    synchronized boolean useAgain(Block block, long life) {
        requireOpen();
        if (block.life != life || block.users == 0 && blocks.get(block.name) != block) {
            return false;
        }
        block.users++;
        return true;
    }

    /** One user less; the last one recycles an own block and gives a worker's back. */
    void unuse(Block block) {
        Runnable message;
        synchronized (this) {
            used();
            if (--block.users > 0) {
                return;
            }
            block.letGoOfKeptViews();
            message = giveBackUnlessNeeded(block);
        }
        message.run();
    }

    /** A view that may be kept: as long as it is reachable, its block is used for nothing else, whoever has closed it. */
    ByteBuffer viewToKeep(Block block, long start, long length) {
        boolean many;
        synchronized (this) {
            // A foreign block is not this host's to use for anything else.
            List<ByteBuffer> mappings = block.foreign ? List.of() : block.keepViews();
            many = !mappings.isEmpty() && block.keptMappings == 0 && keptViews.add(block.size);
            block.keptMappings += mappings.size();
            mappings.forEach(mapping -> CLEANER.register(mapping, () -> collected(block)));
        }
        if (many) {
            System.gc();
        }
        return block.view(start, length);
    }

    /** The last view of one of the mappings is gone. */
    private void collected(Block block) {
        Runnable message;
        synchronized (this) {
            if (--block.keptMappings > 0) {
                return;
            }
            keptViews.subtract(block.size);
            message = giveBackUnlessNeeded(block);
        }
        message.run();
    }

    /** What is to be said to others about it, once the lock is free. */
    private Runnable giveBackUnlessNeeded(Block block) {
        if (block.users > 0 || block.keptMappings > 0 || closed) {
            return () -> {};
        }
        block.life++;
        givenBack++;
        notifyAll();
        if (block.makerIsGone) {
            blocks.remove(block.name);
            BlockFiles.delete(block.path);
            return () -> tellDropped(List.of(block));
        }
        if (block.maker != null) {
            // The maker must not use a spoiled one again, so its loan stays.
            List<String> loans = Collections.nCopies(block.spoiled ? 0 : block.loans, block.name);
            block.loans -= loans.size();
            return loans.isEmpty() ? () -> {} : () -> block.maker.release(loans);
        }
        if (!block.foreign && !block.spoiled) {
            pool.putFree(block);
            return () -> {};
        }
        blocks.remove(block.name);
        if (!block.foreign) {
            pool.drop(block);
        }
        return () -> tellDropped(List.of(block));
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

    /** The file of a block. Others may look into it from now on, for nobody knows how long. */
    synchronized Path show(Block block) {
        block.spoiled = true;
        return block.path;
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
     * A worker is gone: deletes the blocks that it made. One that is in use stays until it is not: an image that this worker
     * has read may be another one's input. Mappings stay readable anyhow, so views that are kept need none.
     */
    void workerGone(Worker worker, String workerPrefix) {
        Set<String> inUse = new HashSet<>();
        synchronized (this) {
            for (Iterator<Block> all = blocks.values().iterator(); all.hasNext(); ) {
                Block block = all.next();
                if (block.maker == worker) {
                    block.spoiled = true;
                    block.makerIsGone = true;
                    if (block.users > 0) {
                        inUse.add(block.name);
                    } else {
                        all.remove();
                    }
                }
            }
        }
        BlockFiles.deleteMatching(directory(), workerPrefix + "*", inUse);
    }

    /** Gives back the memory of all free blocks when none was taken or given back for that long. */
    void trimIfIdle(long nanoseconds) {
        boolean kept;
        synchronized (this) {
            if (System.nanoTime() - lastUsed < nanoseconds) {
                return;
            }
            kept = !keptViews.isEmpty() && !collectedWhileIdle;
            collectedWhileIdle = true;
        }
        if (kept) {
            System.gc(); // what it finds is free the next time
        }
        trim();
    }

    /** Gives back the memory of all free blocks; false when there were none. */
    boolean trim() {
        List<Block> dropped;
        synchronized (this) {
            dropped = pool.dropAllFree();
            dropped.forEach(block -> blocks.remove(block.name));
        }
        tellDropped(dropped);
        return !dropped.isEmpty();
    }

    /** A worker found no room: gives back what is free, here and in the worker, and what the collector finds to be free. */
    void makeRoom() {
        new Collecting(this).findsMore();
        trim();
    }

    /** Says that the host is about to end, so that its workers need not wait for it when they sweep. */
    void endLease() {
        folder.close();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            blocks.clear();
            pool.dropAllFree();
        }
        endLease();
        folder.deleteFiles();
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
}
