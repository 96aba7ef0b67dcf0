package org.alcove.batch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.alcove.files.JsonText;

/**
 * What became of the items, a line of JSON for each, in the order in which they ended; the last line of an item counts.
 * A line is written when the item's files are safe on the disk. Only where the lines begin is kept in memory.
 */
final class Journal implements AutoCloseable {
    private static final int PIECE = 1 << 16;
    private static final int USUAL_LINE = 1 << 9;

    // No channel: interrupting a thread that is at it would close that for all.
    private final RandomAccessFile file;
    private final LongTable places = new LongTable();
    private long end;
    private boolean isForced = true;

    private Journal(RandomAccessFile file) throws IOException {
        this.file = file;
        try {
            readThrough();
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Opens it, or begins it. A last line without an end, which a kill has left, is taken away. */
    static Journal open(Path path) throws IOException {
        Journal journal = new Journal(new RandomAccessFile(path.toFile(), "rw"));
        journal.file.setLength(journal.end);
        return journal;
    }

    /** As it is now, only to be read; a batch may go on with it. */
    static Journal look(Path path) throws IOException {
        return new Journal(new RandomAccessFile(path.toFile(), "r"));
    }

    private void readThrough() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE];
        long at = 0;
        for (int length = file.read(piece); length > 0; length = file.read(piece)) {
            for (int i = 0; i < length; i++) {
                if (piece[i] == '\n') {
                    long start = end;
                    parsed(line).ifPresent(entry -> places.put(Digests.number(entry.item()), start));
                    line.reset();
                    end = at + i + 1;
                } else {
                    line.write(piece[i]);
                }
            }
            at += length;
        }
    }

    /** Nothing for a line that is no item's, or that a power cut has filled with zeros. */
    private static Optional<Entry> parsed(ByteArrayOutputStream line) {
        try {
            return JsonText.parse(line.toString(StandardCharsets.UTF_8)) instanceof Map<?, ?> members
                            && members.containsKey("item")
                    ? Optional.of(Entry.of(members))
                    : Optional.empty();
        } catch (IOException | RuntimeException damaged) {
            return Optional.empty();
        }
    }

    /** Where its line begins. */
    synchronized long append(Entry entry) throws IOException {
        long start = note(entry.toValue());
        places.put(Digests.number(entry.item()), start);
        return start;
    }

    /** A line that is no item's; readers skip it. */
    synchronized long note(Map<String, Object> members) throws IOException {
        byte[] line = (JsonText.of(members) + "\n").getBytes(StandardCharsets.UTF_8);
        long start = end;
        try {
            file.seek(start);
            file.write(line);
        } catch (IOException e) {
            file.setLength(start); // half a line would swallow the next one
            throw e;
        }
        end = start + line.length;
        isForced = false;
        return start;
    }

    /** To the disk: a power cut takes nothing of what was appended before. */
    synchronized void force() throws IOException {
        if (!isForced) {
            file.getFD().sync();
            isForced = true;
        }
    }

    /** Where the last line of an item begins, if it has one. */
    synchronized OptionalLong place(String item) {
        return places.get(Digests.number(item));
    }

    /** The line that begins there. */
    synchronized Entry at(long place) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] piece = new byte[USUAL_LINE];
        file.seek(place);
        for (int length = file.read(piece); length > 0; length = file.read(piece)) {
            for (int i = 0; i < length; i++) {
                if (piece[i] == '\n') {
                    return parsed(line).orElseThrow(() -> new IOException("the journal was changed while the batch ran"));
                }
                line.write(piece[i]);
            }
        }
        throw new IOException("the journal was cut off while the batch ran");
    }

    @Override
    public synchronized void close() throws IOException {
        try (file) {
            force();
        }
    }
}
