package org.alcove;

import java.util.Optional;

/** What one reader has of a stream: its control file once there is one, and how far it has read. */
final class StreamSource {
    private static final int ATTEMPTS = 1000;

    private final StreamNames names;
    private StreamFile file; // null while there is no stream of this name
    private long seen;
    private long dropped;
    private boolean closed;

    StreamSource(StreamNames names) {
        this.names = names;
    }

    /** A slot that a frame keeps as it is. */
    private record Loan(StreamFile file, int slot) implements Runnable {
        @Override
        public void run() {
            file.locks.unlock(slot);
            file.release();
        }
    }

    /** Looks up the stream of this name if there was none before. */
    synchronized boolean attach() {
        if (file == null) {
            StreamFile found = StreamFile.open(names);
            if (found != null && found.locks.addReader()) {
                file = found;
                seen = 0;
                if (!found.isOf(names)) {
                    detach(); // deleted before it was locked
                }
            } else if (found != null) {
                found.release(); // somebody is about to delete it
            }
        }
        return file != null;
    }

    private void detach() {
        if (file != null) {
            file.locks.removeReader();
            StreamRemains.deleteIfUnused(file, names);
            file.release();
            file = null;
        }
    }

    synchronized void close() {
        closed = true;
        detach();
    }

    synchronized long dropped() {
        return dropped;
    }

    synchronized boolean hasWriter() {
        requireOpen();
        return attach() && file.locks.hasWriter();
    }

    /**
     * The newest frame, also one that was read before if {@code again}.
     *
     * @throws AlcoveException {@link ErrorKind#STREAM_UNAVAILABLE}
     */
    synchronized Optional<ArrayStream.Frame> newest(boolean again) {
        requireOpen();
        for (int attempt = 0; attach() && attempt < ATTEMPTS; attempt++) {
            long newest = file.control.newest();
            if (newest < 0 || newest > StreamControl.SLOTS) {
                throw StreamFile.unavailable(names, "has no slot " + newest, null);
            }
            int slot = (int) newest - 1;
            if (slot < 0 || !again && file.control.sequence(slot) == seen) {
                return Optional.empty();
            }
            if (file.locks.lockToRead(slot)) {
                ArrayStream.Frame frame = open(slot, again);
                if (frame != null || file.control.newest() == newest) {
                    return Optional.ofNullable(frame);
                }
            }
            Thread.yield(); // the writer went round meanwhile
        }
        return Optional.empty();
    }

    /** The frame in a slot, whose lock is the frame's from now on; null when there is none that is wanted. */
    private ArrayStream.Frame open(int slot, boolean again) {
        ArrayStream.Frame frame = null;
        try {
            long sequence = file.control.sequence(slot);
            if (sequence > 0 && (again || sequence > seen)) {
                dropped += seen == 0 ? 0 : Math.max(0, sequence - seen - 1);
                seen = sequence; // also if it cannot be read: the next call shall not meet it again
                StreamEntry entry = StreamEntry.read(names, file.control, slot);
                MappedFile memory = file.memory(names, slot, entry.bytes());
                frame = new ArrayStream.Frame(entry, memory, new Loan(file.retain(), slot));
            }
            return frame;
        } finally {
            if (frame == null) {
                file.locks.unlock(slot);
            }
        }
    }

    /**
     * What the writer published before it ended, if it has ended; nothing while it lives or has not come yet.
     *
     * @throws AlcoveException {@link ErrorKind#STREAM_ENDED} when all that was read
     */
    synchronized Optional<ArrayStream.Frame> lastOfWriter() {
        requireOpen();
        if (!attach()) {
            return Optional.empty();
        }
        long state = file.control.state();
        if (state == StreamControl.WRITTEN_TO && file.locks.hasWriter()) {
            return Optional.empty();
        }
        Optional<ArrayStream.Frame> last = newest(false); // it may have written and ended since we looked
        if (last.isEmpty() && !file.isOf(names)) {
            detach();
            if (attach()) {
                return newest(false);
            }
        }
        if (last.isEmpty() && state != StreamControl.NOT_WRITTEN_YET) {
            throw new AlcoveException(
                    ErrorKind.STREAM_ENDED,
                    "stream " + names.name + " has ended: its writer "
                            + (state == StreamControl.CLOSED ? "closed it" : "died"),
                    "start the program that writes it; this reader will follow");
        }
        return last;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this stream's reader was closed");
        }
    }
}
