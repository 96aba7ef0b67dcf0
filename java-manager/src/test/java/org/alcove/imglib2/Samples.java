package org.alcove.imglib2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.ComplexType;
import net.imglib2.util.Cast;
import org.alcove.Alcove;
import org.alcove.DType;
import org.alcove.SharedArray;

/** Arrays whose element {@code i} in C order has a value known beforehand, a large one where the type is unsigned. */
final class Samples {
    private Samples() {}

    static double value(DType dtype, long index) {
        return switch (dtype) {
            case BOOL -> index % 3 == 0 ? 1 : 0;
            case INT8 -> index % 256 - 128;
            case INT16, INT32, FLOAT32, COMPLEX64 -> 30_000 - index * 7;
            case INT64, FLOAT64, COMPLEX128 -> (30_000 - index * 7) * (double) (1L << 40);
            case UINT8 -> (200 + index) % 256;
            case UINT16 -> 60_000 + index;
            case UINT32 -> 4_000_000_000.0 + index;
            case UINT64 -> 0x1p63 + index * 0x1p12;
            case FLOAT16 -> throw new IllegalArgumentException();
        };
    }

    static double imaginary(DType dtype, long index) {
        return dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128 ? -value(dtype, index) - 0.5 : 0;
    }

    /** As numpy would lay the values out. */
    static SharedArray array(Alcove alcove, DType dtype, long... shape) {
        SharedArray array = alcove.allocate(dtype, java.util.List.of(), shape);
        array.copyFrom(elements(dtype, (int) array.size()));
        return array;
    }

    static Object elements(DType dtype, int count) {
        Object elements = dtype.newArray(count);
        for (int i = 0; i < count; i++) {
            double value = value(dtype, i);
            if (elements instanceof byte[] bytes) {
                bytes[i] = (byte) (int) value;
            } else if (elements instanceof short[] shorts) {
                shorts[i] = (short) (int) value;
            } else if (elements instanceof int[] ints) {
                ints[i] = (int) (long) value;
            } else if (elements instanceof long[] longs) {
                longs[i] = dtype == DType.UINT64 ? Long.MIN_VALUE + ((long) i << 12) : (long) value;
            } else if (elements instanceof float[] floats && dtype == DType.FLOAT32) {
                floats[i] = (float) value;
            } else if (elements instanceof float[] parts) {
                parts[2 * i] = (float) value;
                parts[2 * i + 1] = (float) imaginary(dtype, i);
            } else if (elements instanceof double[] doubles && dtype == DType.FLOAT64) {
                doubles[i] = value;
            } else if (elements instanceof double[] parts) {
                parts[2 * i] = value;
                parts[2 * i + 1] = imaginary(dtype, i);
            }
        }
        return elements;
    }

    static Object elementsOf(SharedArray array) {
        return switch (array.dtype()) {
            case BOOL, INT8, UINT8 -> array.toBytes();
            case INT16, UINT16, FLOAT16 -> array.toShorts();
            case INT32, UINT32 -> array.toInts();
            case INT64, UINT64 -> array.toLongs();
            case FLOAT32, COMPLEX64 -> array.toFloats();
            case FLOAT64, COMPLEX128 -> array.toDoubles();
        };
    }

    /** Compares each pixel (x, y, z) with the element {@code [z, y, x]}. */
    static void assertIs(DType dtype, long[] shape, RandomAccessibleInterval<?> image) {
        long[] expected = shape.clone();
        for (int i = 0; i < shape.length; i++) {
            expected[i] = shape[shape.length - 1 - i];
        }
        assertArrayEquals(expected, image.dimensionsAsLongArray());
        RandomAccess<ComplexType<?>> pixels = Cast.unchecked(image.randomAccess());
        long[] indices = new long[shape.length]; // numpy's: z, y, x
        long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        for (long index = 0; index < elements; index++) {
            long rest = index;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                indices[axis] = rest % shape[axis];
                rest /= shape[axis];
            }
            for (int axis = 0; axis < shape.length; axis++) {
                int d = shape.length - 1 - axis;
                pixels.setPosition(image.min(d) + indices[axis], d);
            }
            String where = dtype.word() + Arrays.toString(indices);
            assertEquals(value(dtype, index), pixels.get().getRealDouble(), where);
            assertEquals(imaginary(dtype, index), pixels.get().getImaginaryDouble(), where);
        }
    }
}
