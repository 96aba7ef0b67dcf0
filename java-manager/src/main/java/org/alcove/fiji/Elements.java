package org.alcove.fiji;

import java.util.function.IntToLongFunction;
import java.util.stream.LongStream;
import org.alcove.DType;
import org.alcove.SharedArray;

/** Elements of an array in pieces that fit into a processor's cache, as primitive Java arrays. */
final class Elements {
    /** Of 16 bytes at most each. */
    static final int PIECE = 1 << 15;

    private Elements() {}

    /** What is done with a piece; in several threads at once. */
    interface Action {
        void on(long first, Object elements, int count);
    }

    /** Some elements of an array, one piece after the other. */
    static void forEach(SharedArray array, long first, long count, Action action) {
        Object elements = array.dtype().newArray((int) Math.min(PIECE, count));
        for (long done = 0; done < count; done += PIECE) {
            int length = (int) Math.min(PIECE, count - done);
            if (length < PIECE && done > 0) {
                elements = array.dtype().newArray(length); // copyTo fills all of it
            }
            array.copyTo(first + done, elements);
            action.on(first + done, elements, length);
        }
    }

    /** All elements of an array, the pieces in any order and several at a time. */
    static void forEachInParallel(SharedArray array, Action action) {
        long pieces = (array.size() + PIECE - 1) / PIECE;
        LongStream.range(0, pieces).parallel().forEach(piece -> {
            long first = piece * PIECE;
            forEach(array, first, Math.min(PIECE, array.size() - first), action);
        });
    }

    /** How to look at whole numbers: 64 bits, which of UINT64 have no sign. */
    static IntToLongFunction integers(DType dtype, Object elements) {
        return switch (dtype) {
            case BOOL -> index -> ((byte[]) elements)[index] != 0 ? 1 : 0;
            case INT8 -> index -> ((byte[]) elements)[index];
            case UINT8 -> index -> ((byte[]) elements)[index] & 0xFF;
            case INT16 -> index -> ((short[]) elements)[index];
            case UINT16 -> index -> ((short[]) elements)[index] & 0xFFFF;
            case INT32 -> index -> ((int[]) elements)[index];
            case UINT32 -> index -> ((int[]) elements)[index] & 0xFFFFFFFFL;
            case INT64, UINT64 -> index -> ((long[]) elements)[index];
            default -> throw new IllegalArgumentException(dtype.word());
        };
    }

    /** The value of a half-precision float, which Java has no type for before 20. */
    static float ofHalf(short bits) {
        int exponent = bits >> 10 & 0x1F;
        int fraction = bits & 0x3FF;
        float size = switch (exponent) {
            case 0 -> Math.scalb((float) fraction, -24);
            case 0x1F -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            default -> Math.scalb((float) (fraction | 0x400), exponent - 25);
        };
        return bits < 0 ? -size : size;
    }
}
