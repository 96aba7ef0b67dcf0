package org.alcove.cli;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.alcove.DType;

/**
 * Which pixels somebody else has changed: a look at the block's file now and then, against a copy from before. It reads the
 * file instead of a mapping: when the sharer takes the memory away, a read comes back short, where touching a mapping may
 * end the process.
 */
final class DemoChanges {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final long LARGEST_BYTES = 1L << 30;
    private static final long MILLISECONDS_BETWEEN_LOOKS = 200;
    private static final int LONGER_THAN_A_LOOK = 10;
    private static final int SHOWN = 5;

    private final Path file;
    private final long offset;
    private final DType dtype;
    private final long[] shape;
    private final long bytes;
    private final List<byte[]> chunks = new ArrayList<>();
    private long total;
    private final List<String> first = new ArrayList<>();
    private final List<String> names;

    /**
     * The array as it is now.
     *
     * @param names of its axes
     */
    DemoChanges(Path file, long offset, DType dtype, long[] shape, List<String> names) throws IOException {
        this.file = file;
        this.offset = offset;
        this.dtype = dtype;
        this.shape = shape;
        this.names = names;
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        this.bytes = elements * dtype.bytes();
        look();
    }

    /** Whether nothing is looked at, because the copy would take too much memory. */
    boolean isTooLarge() {
        return bytes > Math.min(LARGEST_BYTES, Runtime.getRuntime().maxMemory() / 2);
    }

    /** Prints what changes until the end comes, or the memory is taken away. */
    void reportUntil(DemoEnding ending) throws IOException {
        long pause = MILLISECONDS_BETWEEN_LOOKS;
        while (!ending.comesWithin(pause)) {
            long began = System.nanoTime();
            if (!look()) {
                if (!ending.comesWithin(0)) {
                    System.out.println("The process that shared the memory has taken it away.");
                }
                return;
            }
            first.forEach(System.out::println);
            if (total > first.size()) {
                System.out.println("... and " + (total - first.size()) + " more pixels");
            }
            long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            pause = Math.max(MILLISECONDS_BETWEEN_LOOKS, took * LONGER_THAN_A_LOOK);
        }
    }

    /** Finds what has changed since the last look; false when the memory is gone. */
    private boolean look() throws IOException {
        total = 0;
        first.clear();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.position(offset);
            for (long done = 0; done < bytes && !isTooLarge(); done += CHUNK_BYTES) {
                compare((int) (done / CHUNK_BYTES), read(channel, (int) Math.min(CHUNK_BYTES, bytes - done)));
            }
            return true;
        } catch (NoSuchFileException | EOFException e) {
            return false;
        }
    }

    private static byte[] read(FileChannel channel, int length) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(length);
        while (chunk.hasRemaining()) {
            if (channel.read(chunk) < 0) {
                throw new EOFException();
            }
        }
        return chunk.array();
    }

    private void compare(int number, byte[] now) {
        if (number == chunks.size()) {
            chunks.add(now);
            return;
        }
        ByteBuffer before = ByteBuffer.wrap(chunks.set(number, now)).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer after = ByteBuffer.wrap(now).order(ByteOrder.LITTLE_ENDIAN);
        for (int different = before.mismatch(after); different >= 0; different = next(before, after, different)) {
            int position = different - different % dtype.bytes();
            if (total++ < SHOWN) {
                first.add(change((long) number * CHUNK_BYTES + position, before, after, position));
            }
        }
    }

    /** The next byte that differs, in an element behind the one that holds this byte. */
    private int next(ByteBuffer before, ByteBuffer after, int different) {
        int start = different - different % dtype.bytes() + dtype.bytes();
        int found = before.position(start).mismatch(after.position(start));
        before.rewind();
        after.rewind();
        return found < 0 ? -1 : start + found;
    }

    private String change(long place, ByteBuffer before, ByteBuffer after, int position) {
        long[] index = DemoWords.index(place / dtype.bytes(), shape);
        return changed(index, DemoValues.at(dtype, before, position), DemoValues.at(dtype, after, position), names);
    }

    /** One line about a pixel that was something and has become something else. */
    static String changed(long[] index, Object before, Object after, List<String> names) {
        return DemoWords.pixel(index) + "  " + before + " -> " + after + "   (" + DemoWords.javaPlace(index, names) + ")";
    }
}
