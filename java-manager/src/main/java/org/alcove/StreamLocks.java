package org.alcove;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;

/**
 * The locks of a stream: bytes beyond the end of its control file, which the kernel gives back when their holder dies.
 * They belong to the process, so what they do between processes is done here by counting between the writers, readers and
 * frames of one. Nothing here ever waits.
 */
final class StreamLocks {
    private static final long WRITER = 1L << 30;
    private static final long READERS = WRITER + 16;
    private static final long SLOTS = WRITER + 32;
    private static final int RANGE = 16;
    /** Not by Python on Windows: there a reader takes any one byte for itself. */
    private static final boolean LOCKS_CAN_BE_SHARED = File.separatorChar == '/';

    private final FileChannel channel;
    private final FileLock[] slots = new FileLock[StreamControl.SLOTS];
    /** How many frames of this process are open in a slot; -1 while this process writes into it. */
    private final int[] frames = new int[StreamControl.SLOTS];

    private FileLock writer;
    private FileLock reading;
    private int readers;
    private FileLock deleting;

    StreamLocks(FileChannel channel) {
        this.channel = channel;
    }

    synchronized boolean lockWriter() {
        if (writer == null) {
            writer = exclusive(WRITER, 1);
            return writer != null;
        }
        return false;
    }

    synchronized void unlockWriter() {
        release(writer);
        writer = null;
    }

    /** Whether there is a writer, here or in another process. */
    synchronized boolean hasWriter() {
        if (writer != null) {
            return true;
        }
        try {
            FileLock probe = tryLock(WRITER, 1, true);
            release(probe);
            return probe == null;
        } catch (OverlappingFileLockException e) {
            return true; // another copy of this class in this JVM has it
        }
    }

    synchronized boolean addReader() {
        if (readers == 0 && deleting == null) {
            reading = shared(READERS);
        }
        if (reading == null) {
            return false;
        }
        readers++;
        return true;
    }

    synchronized void removeReader() {
        if (--readers == 0) {
            release(reading);
            reading = null;
        }
    }

    /** Both for whoever is about to delete the stream; false when anybody uses it. */
    synchronized boolean lockAll() {
        while (readers == 0 && lockWriter()) {
            deleting = exclusive(READERS, RANGE);
            if (deleting != null) {
                return true;
            }
            unlockWriter();
            // A reader that ended just then found the writer's lock taken, by us, and left the deleting to us.
            FileLock free = exclusive(READERS, RANGE);
            release(free);
            if (free == null) {
                return false;
            }
        }
        return false;
    }

    synchronized void unlockAll() {
        release(deleting);
        deleting = null;
        unlockWriter();
    }

    synchronized boolean lockToRead(int slot) {
        if (frames[slot] == 0) {
            slots[slot] = shared(SLOTS + (long) RANGE * slot);
        }
        if (frames[slot] < 0 || slots[slot] == null) {
            return false;
        }
        frames[slot]++;
        return true;
    }

    synchronized boolean lockToWrite(int slot) {
        if (frames[slot] != 0) {
            return false;
        }
        slots[slot] = exclusive(SLOTS + (long) RANGE * slot, RANGE);
        if (slots[slot] != null) {
            frames[slot] = -1;
        }
        return slots[slot] != null;
    }

    /** One frame less in it, or the writer is done. */
    synchronized void unlock(int slot) {
        frames[slot] = Math.max(frames[slot], 1) - 1;
        if (frames[slot] == 0) {
            release(slots[slot]);
            slots[slot] = null;
        }
    }

    private FileLock exclusive(long position, int bytes) {
        try {
            return tryLock(position, bytes, false);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** One byte of the range: two copies of this class in one JVM can't lock the same, so each takes another. */
    private FileLock shared(long position) {
        for (int i = 0; i < RANGE; i++) {
            try {
                FileLock lock = tryLock(position + i, 1, true);
                // Where locks can be shared, who has this byte for itself has all of them.
                if (lock != null || LOCKS_CAN_BE_SHARED) {
                    return lock;
                }
            } catch (OverlappingFileLockException e) {
                // Take the next.
            }
        }
        return null;
    }

    private FileLock tryLock(long position, int bytes, boolean shared) {
        try {
            return channel.tryLock(position, bytes, shared);
        } catch (IOException e) {
            throw new AlcoveException(
                    ErrorKind.STREAM_UNAVAILABLE,
                    "a stream's file cannot be locked: " + Folders.reason(e),
                    "set ALCOVE_MEMORY_DIR to a folder on a local disk");
        }
    }

    private static void release(FileLock lock) {
        try {
            if (lock != null) {
                lock.release();
            }
        } catch (IOException e) {
            // The channel is closed, and with it the lock.
        }
    }
}
