package org.alcove;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * What a slot's entry says about the frame in it.
 *
 * @param shape the sizes, slowest axis first
 * @param bytes how many the frame has
 * @param time nanoseconds since 1970
 */
record StreamEntry(DType dtype, long[] shape, long bytes, long sequence, long time) {
    /** A frame that is written now; it has no number yet. */
    static StreamEntry ofNow(DType dtype, long[] shape) {
        Instant now = Instant.now();
        long time = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        return new StreamEntry(dtype, shape.clone(), requireBytes(dtype, shape), 0, time);
    }

    /**
     * The entry of a slot that is locked.
     *
     * @throws AlcoveException {@link ErrorKind#STREAM_UNAVAILABLE} when it is not one that Java can read
     */
    static StreamEntry read(StreamNames names, StreamControl control, int slot) {
        String word = control.dtype(slot);
        DType dtype;
        try {
            dtype = DType.ofWord(word);
        } catch (AlcoveException e) {
            throw StreamFile.unavailable(
                    names, "has a frame of dtype " + word + ", which Java cannot read", "write float64, for example");
        }
        try {
            long[] shape = control.shape(slot);
            return new StreamEntry(
                    dtype, shape, requireBytes(dtype, shape), control.sequence(slot), control.time(slot));
        } catch (IllegalArgumentException e) {
            throw StreamFile.unavailable(names, "shows a frame that cannot be: " + e.getMessage(), null);
        }
    }

    private static long requireBytes(DType dtype, long[] shape) {
        if (shape.length > StreamControl.MAX_DIMENSIONS) {
            throw new IllegalArgumentException("more than " + StreamControl.MAX_DIMENSIONS + " dimensions");
        }
        boolean empty = false;
        long bytes = dtype.bytes();
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("a negative size in its shape");
            }
            empty |= size == 0;
            try {
                bytes = Math.multiplyExact(bytes, Math.max(size, 1));
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException("more bytes than there can be", e);
            }
        }
        return empty ? 0 : bytes;
    }

    /** How many elements the frame has. */
    long size() {
        return bytes / dtype.bytes();
    }
}
