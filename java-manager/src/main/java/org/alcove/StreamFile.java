package org.alcove;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;

/** The control file of a stream as this program has it open, once for all its writers, readers and frames. */
final class StreamFile {
    final StreamControl control;
    final StreamLocks locks;
    private final String key;
    private final FileChannel channel;
    private final Slot[] slots = new Slot[StreamControl.SLOTS];
    private int users;

    /** A slot's file, mapped for reading. */
    private record Slot(long number, MappedFile memory) {}

    /** There is a file of the stream's name that nobody can use. */
    static final class Garbage extends AlcoveException {
        private static final long serialVersionUID = 1L;

        Garbage(StreamNames names) {
            super(ErrorKind.STREAM_UNAVAILABLE, names.control() + " is no stream", "delete that file");
        }
    }

    private StreamFile(String key, FileChannel channel, StreamControl control) {
        this.key = key;
        this.channel = channel;
        this.control = control;
        this.locks = new StreamLocks(channel);
    }

    /**
     * The control file of this stream with one more user, who must {@link #release} it; null when there is none.
     *
     * @throws AlcoveException {@link ErrorKind#STREAM_UNAVAILABLE} when the file is something else
     */
    static StreamFile open(StreamNames names) {
        String key = StreamRegistry.key(names.control());
        if (key == null) {
            return null;
        }
        return Uninterrupted.call(() -> {
            synchronized (StreamRegistry.OPEN) {
                StreamRegistry.closeWhatMayBe();
                StreamFile known = StreamRegistry.find(key);
                StreamFile file = known != null ? known : openNew(names, key);
                if (file != null) {
                    file.users++;
                }
                return file;
            }
        });
    }

    private static StreamFile openNew(StreamNames names, String key) {
        FileChannel channel = null;
        StreamFile file = null;
        try {
            channel = FileChannel.open(names.control(), StandardOpenOption.READ, StandardOpenOption.WRITE);
            // Somebody may have put another file there since its key was asked for.
            if (key.equals(StreamRegistry.key(names.control()))) {
                file = new StreamFile(key, channel, map(names, channel));
                StreamRegistry.add(key, file);
            }
            return file;
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw unavailable(names, "cannot be opened: " + Folders.reason(e), "it may be another user's");
        } finally {
            if (file == null && channel != null) {
                StreamRegistry.close(channel, key);
            }
        }
    }

    private static StreamControl map(StreamNames names, FileChannel channel) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(StreamControl.HEADER_BYTES);
        channel.read(start, 0);
        if (!StreamControl.isStream(start)) {
            throw new Garbage(names);
        }
        if (!StreamControl.isOfThisVersion(start)) {
            throw unavailable(names, "has another format", "use the same version of Alcove on both sides");
        }
        if (channel.size() < StreamControl.BYTES) {
            throw new Garbage(names);
        }
        return new StreamControl(channel.map(FileChannel.MapMode.READ_WRITE, 0, StreamControl.BYTES));
    }

    /** One user more of a file that has one. */
    StreamFile retain() {
        synchronized (StreamRegistry.OPEN) {
            users++;
        }
        return this;
    }

    /** One user less; with the last one the file is closed. */
    void release() {
        synchronized (StreamRegistry.OPEN) {
            if (--users == 0) {
                StreamRegistry.remove(key);
                StreamRegistry.close(channel, key);
            }
        }
    }

    /** Whether the control file of that stream is this one. */
    boolean isOf(StreamNames names) {
        return key.equals(StreamRegistry.key(names.control()));
    }

    /**
     * The memory of a slot that is locked, to be read.
     *
     * @throws AlcoveException {@link ErrorKind#STREAM_UNAVAILABLE} when it has not that many bytes
     */
    synchronized MappedFile memory(StreamNames names, int slot, long bytes) {
        if (bytes == 0) {
            return MappedFile.EMPTY;
        }
        long number = control.fileNumber(slot);
        if (slots[slot] == null || slots[slot].number != number) {
            slots[slot] = null;
            slots[slot] = new Slot(number, mapToRead(names, number));
        }
        MappedFile memory = slots[slot].memory;
        if (bytes > memory.size()) {
            throw unavailable(names, "shows a frame of " + bytes + " bytes in a file of " + memory.size(), null);
        }
        return memory;
    }

    private static MappedFile mapToRead(StreamNames names, long number) {
        try {
            return MappedFile.map(names.slot(number), FileChannel.MapMode.READ_ONLY);
        } catch (NoSuchFileException e) {
            throw unavailable(names, "shows a frame in a file that is not there", null);
        } catch (IOException e) {
            throw unavailable(names, "has a frame that cannot be read: " + Folders.reason(e), null);
        }
    }

    static AlcoveException unavailable(StreamNames names, String reason, String hint) {
        return new AlcoveException(ErrorKind.STREAM_UNAVAILABLE, "stream " + names.name + " " + reason, hint);
    }
}
