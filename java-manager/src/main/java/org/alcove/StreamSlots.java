package org.alcove;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.util.Map;

/** The files in which a writer's frames lie, one for each slot, made and replaced as frames need them. */
final class StreamSlots {
    /** Frames in a row that would fit into a quarter of their file before it is replaced: else mixed sizes would thrash. */
    private static final int PATIENCE = 16;
    /** Frames in other slots before one that many readers once made necessary gives its file back. */
    private static final int FRAMES_UNUSED = 256;

    private final StreamNames names;
    private final StreamControl control;
    private final StreamLocks locks;
    private final Slot[] slots = new Slot[StreamControl.SLOTS];
    private final int[] framesTooSmall = new int[StreamControl.SLOTS];
    private final long[] lastUse = new long[StreamControl.SLOTS];
    private long frames;

    private record Slot(long number, MappedFile memory) {}

    StreamSlots(StreamNames names, StreamFile file) {
        this.names = names;
        this.control = file.control;
        this.locks = file.locks;
    }

    /**
     * The memory of a slot that is locked, to be written to.
     *
     * @throws AlcoveException {@link ErrorKind#OUT_OF_SHARED_MEMORY}; the slot has no file then
     */
    MappedFile memory(int slot, long bytes) {
        lastUse[slot] = ++frames;
        if (frames % StreamControl.SLOTS == 0) {
            giveBackUnused(FRAMES_UNUSED);
        }
        if (bytes == 0) {
            return MappedFile.EMPTY;
        }
        if (slots[slot] == null) {
            slots[slot] = takeOver(slot);
        }
        if (slots[slot] == null || !fits(slot, bytes)) {
            discard(slot);
            slots[slot] = makeWithRoom(BlockPool.sizeClass(bytes));
        }
        MappedFile memory = slots[slot].memory;
        control.file(slot, slots[slot].number, memory.size());
        return memory;
    }

    private boolean fits(int slot, long bytes) {
        long size = slots[slot].memory.size();
        framesTooSmall[slot] = bytes < size / 4 ? framesTooSmall[slot] + 1 : 0;
        return bytes <= size && framesTooSmall[slot] < PATIENCE;
    }

    /** The file that another writer left, or null when there is none. */
    private Slot takeOver(int slot) {
        long number = control.fileNumber(slot);
        try {
            MappedFile memory = MappedFile.map(names.slot(number), FileChannel.MapMode.READ_WRITE);
            return memory.size() == control.fileBytes(slot) ? new Slot(number, memory) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private void giveBackUnused(long framesUnused) {
        for (int slot = 0; slot < StreamControl.SLOTS; slot++) {
            boolean needed = frames - lastUse[slot] < framesUnused || slot + 1 == control.newest();
            if (!needed && control.fileNumber(slot) != 0 && locks.lockToWrite(slot)) {
                control.sequence(slot, 0);
                discard(slot);
                locks.unlock(slot);
            }
        }
    }

    private void discard(int slot) {
        long number = slots[slot] == null ? control.fileNumber(slot) : slots[slot].number;
        slots[slot] = null;
        framesTooSmall[slot] = 0;
        control.file(slot, 0, 0);
        StreamNames.discard(names.slot(number));
    }

    private Slot makeWithRoom(long size) {
        try {
            return make(size);
        } catch (AlcoveException full) {
            giveBackUnused(0);
            return make(size);
        }
    }

    private Slot make(long size) {
        while (true) {
            long number = control.takeFileNumber();
            try {
                BlockFiles.create(names.slot(number), size);
                return new Slot(number, MappedFile.map(names.slot(number), FileChannel.MapMode.READ_WRITE));
            } catch (FileAlreadyExistsException e) {
                // Left by somebody; the next number then.
            } catch (IOException e) {
                BlockFiles.delete(names.slot(number));
                throw outOfMemory(size, e);
            }
        }
    }

    private AlcoveException outOfMemory(long size, IOException reason) {
        return new AlcoveException(
                ErrorKind.OUT_OF_SHARED_MEMORY,
                "no room for " + size + " bytes of shared memory in " + names.directory + ": " + Folders.reason(reason),
                SharedMemory.HINT_WHEN_FULL,
                Map.of(
                        "wanted_bytes", size,
                        "free_bytes", names.directory.toFile().getUsableSpace(),
                        "directory", names.directory.toString()));
    }
}
