package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What streams leave when nobody uses them any more, and how it goes. */
final class StreamRemains {
    private static final long SECONDS_TO_COMPLETE = 60;

    private StreamRemains() {}

    /**
     * Deletes the stream if it has neither writer nor reader, here or elsewhere. Everybody who ends gives back first what
     * they hold and then comes here, so whoever comes last gets both locks.
     */
    static void deleteIfUnused(StreamFile file, StreamNames names) {
        if (file.locks.lockAll()) {
            try {
                Uninterrupted.call(() -> delete(file, names));
            } finally {
                file.locks.unlockAll();
            }
        }
    }

    private static Void delete(StreamFile file, StreamNames names) {
        try {
            boolean named = file.isOf(names);
            // Listed first: once the name is free, somebody may make a new stream of it.
            List<Path> slots = named ? names.slots() : new ArrayList<>();
            if (named) {
                BlockFiles.delete(names.control());
            }
            discard(file, names);
            slots.forEach(BlockFiles::delete);
        } catch (IOException e) {
            // The directory is gone, and all in it.
        }
        return null;
    }

    /** A frame may outlive its reader: what somebody looks at loses its name, not its pages. */
    private static void discard(StreamFile file, StreamNames names) {
        for (int slot = 0; slot < StreamControl.SLOTS; slot++) {
            long number = file.control.fileNumber(slot);
            if (number > 0) {
                if (file.locks.lockToWrite(slot)) {
                    StreamNames.discard(names.slot(number));
                    file.locks.unlock(slot);
                }
                BlockFiles.delete(names.slot(number));
            }
        }
    }

    /** Deletes the streams in this directory that nobody uses, and the rest of those that were not deleted whole. */
    static void sweep(Path directory) throws IOException {
        List<Path> files = StreamNames.all(directory);
        for (Path file : files) {
            StreamNames names = StreamNames.of(file);
            if (file.equals(names.control())) {
                sweep(names);
            } else if (!StreamNames.isSlot(file) && isOld(file)) {
                BlockFiles.delete(file);
            }
        }
        for (Path file : files) {
            // Whoever made it had a control file, which is gone for good: numbers are never used twice.
            if (StreamNames.isSlot(file) && !Files.exists(StreamNames.of(file).control())) {
                BlockFiles.delete(file);
            }
        }
    }

    private static void sweep(StreamNames names) {
        synchronized (StreamRegistry.OPEN) {
            if (StreamRegistry.isOpen(StreamRegistry.key(names.control()))) {
                return;
            }
        }
        try {
            StreamFile file = StreamFile.open(names);
            if (file != null) {
                deleteIfUnused(file, names);
                file.release();
            }
        } catch (StreamFile.Garbage e) {
            BlockFiles.delete(names.control());
        } catch (AlcoveException e) {
            // Another user's, or another version's: no reason for anybody not to start.
        }
    }

    private static boolean isOld(Path file) {
        try {
            Instant changed = Files.getLastModifiedTime(file).toInstant();
            return changed.isBefore(Instant.now().minusSeconds(SECONDS_TO_COMPLETE));
        } catch (IOException e) {
            return false;
        }
    }
}
