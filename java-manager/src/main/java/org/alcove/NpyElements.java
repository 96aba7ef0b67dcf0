package org.alcove;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Elements on their way from a .npy file into an array: turned into C order and little-endian. */
final class NpyElements {
    /** Small enough for a processor's cache. */
    static final int PIECE_BYTES = 1 << 18;

    private final NpyHeader header;
    private final NpyBytes bytes;
    private final NpyFailures failures;

    NpyElements(NpyHeader header, NpyBytes bytes, NpyFailures failures) {
        this.header = header;
        this.bytes = bytes;
        this.failures = failures;
    }

    /** Fills an array of the header's type and shape. */
    void into(SharedArray array) {
        reading(() -> {
            if (header.isFortranOrder() && header.shape().length > 1 && array.size() > 0) {
                new NpyTransposition(array).read((position, elements) -> reading(() -> {
                    bytes.read(position, elements.duplicate());
                    normalise(elements);
                }));
            } else {
                readInOrder(array);
            }
        });
    }

    /** Fills an array of bytes with the elements as they are in the file. */
    void asTheyAreInto(SharedArray array) {
        long[] position = {0};
        array.forEachChunk(chunk -> reading(() -> {
            int count = chunk.remaining();
            bytes.read(position[0], chunk);
            position[0] += count;
        }));
    }

    private void readInOrder(SharedArray array) {
        long[] position = {0};
        array.forEachChunk(chunk -> reading(() -> {
            for (int at = 0; at < chunk.capacity(); at += PIECE_BYTES) {
                ByteBuffer piece = chunk.slice(at, Math.min(PIECE_BYTES, chunk.capacity() - at))
                        .order(ByteOrder.LITTLE_ENDIAN);
                bytes.read(position[0], piece);
                position[0] += piece.capacity();
                normalise(piece);
            }
        }));
    }

    /** Makes the bytes those of an array: little-endian, and truth 0 or 1. */
    private void normalise(ByteBuffer elements) {
        if (header.dtype() == DType.BOOL) {
            for (int i = 0; i < elements.capacity(); i++) {
                elements.put(i, (byte) (elements.get(i) == 0 ? 0 : 1));
            }
        } else if (header.isBigEndian()) {
            reverse(elements, bytesOfPart(header.dtype()));
        }
    }

    private static int bytesOfPart(DType dtype) {
        return dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128 ? dtype.bytes() / 2 : dtype.bytes();
    }

    private static void reverse(ByteBuffer elements, int bytesOfPart) {
        int end = elements.capacity();
        switch (bytesOfPart) {
            case 2 -> {
                for (int i = 0; i < end; i += 2) {
                    elements.putShort(i, Short.reverseBytes(elements.getShort(i)));
                }
            }
            case 4 -> {
                for (int i = 0; i < end; i += 4) {
                    elements.putInt(i, Integer.reverseBytes(elements.getInt(i)));
                }
            }
            default -> {
                for (int i = 0; i < end; i += 8) {
                    elements.putLong(i, Long.reverseBytes(elements.getLong(i)));
                }
            }
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void reading(Step step) {
        try {
            step.run();
        } catch (EOFException e) {
            throw failures.damaged("it ends before the array does");
        } catch (IOException e) {
            throw failures.reading(e);
        } catch (UncheckedIOException e) {
            throw failures.reading(e.getCause());
        }
    }
}
