package org.alcove;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The way between C order (the last axis changes fastest) and Fortran order (the first one does), in tiles that fit into a
 * processor's cache. The axes are taken in two groups: along the leading ones elements lie together in a file, along the
 * trailing ones in an array. A tile is a stretch of both, so that file and array are read and written in stretches.
 */
final class NpyTransposition {
    private static final int TILE_BYTES = 1 << 21;
    private static final int USUAL_LINES = 512;
    /** Elements at distances of a power of two would push each other out of the cache. */
    private static final int ODD = 9;

    private final SharedArray array;
    private final int bytesOfElement;
    private final long[] leading;
    private final long[] trailing;
    /** The number of elements that lie together in the file. */
    private final long line;
    /** The number of elements that lie together in the array. */
    private final long run;
    private final int lines;
    private final int lineLength;
    private final ByteBuffer tile;

    NpyTransposition(SharedArray array) {
        long[] shape = array.shape();
        int split = split(shape);
        this.array = array;
        this.bytesOfElement = array.dtype().bytes();
        this.leading = Arrays.copyOf(shape, split);
        this.trailing = Arrays.copyOfRange(shape, split, shape.length);
        this.line = SharedArray.elements(leading);
        this.run = SharedArray.elements(trailing);
        long most = TILE_BYTES / bytesOfElement;
        this.lines = (int) Math.min(run, Math.max(USUAL_LINES, most / Math.max(1, line)));
        this.lineLength = (int) (lines * line <= most ? line : most / lines - ODD);
        this.tile = ByteBuffer.allocateDirect(lines * lineLength * bytesOfElement).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Bytes of the file in a tile, to be read from it or written to it. */
    interface Stretch {
        void at(long position, ByteBuffer elements);
    }

    /** Takes all elements from a file to the array; they come in stretches, which {@code reader} fills. */
    void read(Stretch reader) {
        forEachTile(part -> {
            part.forEachLine(reader);
            part.forEachRun(this::fromTile);
        });
    }

    /** Takes all elements from the array to a file; they go in stretches to {@code writer}. */
    void write(Stretch writer) {
        forEachTile(part -> {
            part.forEachRun(this::toTile);
            part.forEachLine(writer);
        });
    }

    /** Where both groups are longest. */
    private static int split(long[] shape) {
        int best = 1;
        long longest = -1;
        for (int split = 1; split < shape.length; split++) {
            long shorter = Math.min(
                    SharedArray.elements(Arrays.copyOf(shape, split)),
                    SharedArray.elements(Arrays.copyOfRange(shape, split, shape.length)));
            if (shorter > longest) {
                longest = shorter;
                best = split;
            }
        }
        return best;
    }

    private interface Action {
        void on(Part part);
    }

    private void forEachTile(Action action) {
        for (long within = 0; within < line; within += lineLength) {
            for (long index = 0; index < run; index += lines) {
                action.on(new Part(
                        within, index, (int) Math.min(lineLength, line - within), (int) Math.min(lines, run - index)));
            }
        }
    }

    private interface Run {
        void at(int first, int step, ByteBuffer elements);
    }

    /** A piece of the array: {@code height} lines, {@code width} elements of each. */
    private final class Part {
        private final long within;
        private final long index;
        private final int width;
        private final int height;

        Part(long within, long index, int width, int height) {
            this.within = within;
            this.index = index;
            this.width = width;
            this.height = height;
        }

        /** The lines in the file; all at once where they follow each other. */
        void forEachLine(Stretch action) {
            boolean areTogether = width == line && trailing.length == 1;
            int atOnce = areTogether ? height : 1;
            Place place = new Place(trailing, false, index);
            for (int i = 0; i < height; i += atOnce) {
                int bytes = atOnce * width * bytesOfElement;
                ByteBuffer elements = tile.slice(i * width * bytesOfElement, bytes).order(ByteOrder.LITTLE_ENDIAN);
                action.at((place.inOtherOrder() * line + within) * bytesOfElement, elements);
                place.advance();
            }
        }

        /** The runs in the array. */
        void forEachRun(Run action) {
            boolean areTogether = height == run && leading.length == 1;
            int atOnce = areTogether ? width : 1;
            Place place = new Place(leading, true, within);
            for (int i = 0; i < width; i += atOnce) {
                int[] done = {i, 0}; // the run, and how far in it
                array.forEachChunk(place.inOtherOrder() * run + index, (long) atOnce * height, chunk -> {
                    while (chunk.hasRemaining()) {
                        int count = Math.min(height - done[1], chunk.remaining() / bytesOfElement);
                        ByteBuffer elements = chunk.slice(chunk.position(), count * bytesOfElement).order(chunk.order());
                        action.at(done[0] + done[1] * width, width, elements);
                        chunk.position(chunk.position() + count * bytesOfElement);
                        done[1] = (done[1] + count) % height;
                        done[0] += done[1] == 0 ? 1 : 0;
                    }
                });
                place.advance();
            }
        }
    }

    private void fromTile(int first, int step, ByteBuffer to) {
        int at = first * bytesOfElement;
        int stride = step * bytesOfElement;
        switch (bytesOfElement) {
            case 1 -> { for (; to.hasRemaining(); at += stride) to.put(tile.get(at)); }
            case 2 -> { for (; to.hasRemaining(); at += stride) to.putShort(tile.getShort(at)); }
            case 4 -> { for (; to.hasRemaining(); at += stride) to.putInt(tile.getInt(at)); }
            case 8 -> { for (; to.hasRemaining(); at += stride) to.putLong(tile.getLong(at)); }
            default -> {
                for (; to.hasRemaining(); at += stride) to.putLong(tile.getLong(at)).putLong(tile.getLong(at + 8));
            }
        }
    }

    private void toTile(int first, int step, ByteBuffer from) {
        int at = first * bytesOfElement;
        int stride = step * bytesOfElement;
        switch (bytesOfElement) {
            case 1 -> { for (; from.hasRemaining(); at += stride) tile.put(at, from.get()); }
            case 2 -> { for (; from.hasRemaining(); at += stride) tile.putShort(at, from.getShort()); }
            case 4 -> { for (; from.hasRemaining(); at += stride) tile.putInt(at, from.getInt()); }
            case 8 -> { for (; from.hasRemaining(); at += stride) tile.putLong(at, from.getLong()); }
            default -> {
                for (; from.hasRemaining(); at += stride) tile.putLong(at, from.getLong()).putLong(at + 8, from.getLong());
            }
        }
    }

    /** A place along some axes, which goes on in one order and is asked for in the other. */
    private static final class Place {
        private final long[] shape;
        private final boolean isFortran;
        private final long[] place;

        Place(long[] shape, boolean isFortran, long count) {
            this.shape = shape;
            this.isFortran = isFortran;
            this.place = new long[shape.length];
            long rest = count;
            for (int i = 0; i < shape.length; i++) {
                place[fastest(i)] = rest % shape[fastest(i)];
                rest /= shape[fastest(i)];
            }
        }

        void advance() {
            for (int i = 0; i < shape.length; i++) {
                place[fastest(i)]++;
                if (place[fastest(i)] < shape[fastest(i)]) {
                    return;
                }
                place[fastest(i)] = 0;
            }
        }

        long inOtherOrder() {
            long count = 0;
            for (int i = 0; i < shape.length; i++) {
                count = count * shape[fastest(i)] + place[fastest(i)];
            }
            return count;
        }

        /** The axis that changes fastest, the next one, and so on. */
        private int fastest(int i) {
            return isFortran ? i : shape.length - 1 - i;
        }
    }
}
