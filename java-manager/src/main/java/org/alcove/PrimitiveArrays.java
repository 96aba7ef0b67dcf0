package org.alcove;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/** Elements of ndarrays as primitive Java arrays: a complex one is two of them, real and imaginary part. */
final class PrimitiveArrays {
    /** The longest array that every JVM can make. */
    static final int LONGEST = Integer.MAX_VALUE - 8;

    private PrimitiveArrays() {}

    /** Refuses all types but the one for elements of this dtype. */
    static void requireFit(DType dtype, Class<?> type) {
        Class<?> fitting = type(dtype);
        if (type != fitting) {
            throw new IllegalArgumentException("the elements of a " + dtype.word() + " array go into a "
                    + fitting.getSimpleName() + ", not a " + type.getSimpleName());
        }
    }

    /** Refuses an array of another type or length than so many elements of this dtype have. */
    static void requireFit(DType dtype, long count, Object elements) {
        requireFit(dtype, elements.getClass());
        if (Array.getLength(elements) != length(dtype, count)) {
            throw new IllegalArgumentException("an array of " + length(dtype, count) + " elements is needed, not of "
                    + Array.getLength(elements));
        }
    }

    private static Class<?> type(DType dtype) {
        return switch (dtype) {
            case BOOL, INT8, UINT8 -> byte[].class;
            case INT16, UINT16, FLOAT16 -> short[].class;
            case INT32, UINT32 -> int[].class;
            case INT64, UINT64 -> long[].class;
            case FLOAT32, COMPLEX64 -> float[].class;
            case FLOAT64, COMPLEX128 -> double[].class;
        };
    }

    private static int parts(DType dtype) {
        return dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128 ? 2 : 1;
    }

    /** How long the Java array for so many elements is. */
    static long length(DType dtype, long count) {
        return count * parts(dtype);
    }

    /** How many elements a Java array of this length holds. */
    static long count(DType dtype, int length) {
        if (length % parts(dtype) != 0) {
            throw new IllegalArgumentException(length + " parts are no whole number of complex elements");
        }
        return length / parts(dtype);
    }

    /** Copies between all of a chunk and the array, from position {@code at} on; returns how far that went in the array. */
    static int copy(ByteBuffer chunk, Object elements, int at, boolean toShared) {
        if (elements instanceof byte[] bytes) {
            int count = chunk.remaining();
            if (toShared) chunk.put(bytes, at, count);
            else chunk.get(bytes, at, count);
            return count;
        } else if (elements instanceof short[] shorts) {
            ShortBuffer buffer = chunk.asShortBuffer();
            int count = buffer.remaining();
            if (toShared) buffer.put(shorts, at, count);
            else buffer.get(shorts, at, count);
            return count;
        } else if (elements instanceof int[] ints) {
            IntBuffer buffer = chunk.asIntBuffer();
            int count = buffer.remaining();
            if (toShared) buffer.put(ints, at, count);
            else buffer.get(ints, at, count);
            return count;
        } else if (elements instanceof long[] longs) {
            LongBuffer buffer = chunk.asLongBuffer();
            int count = buffer.remaining();
            if (toShared) buffer.put(longs, at, count);
            else buffer.get(longs, at, count);
            return count;
        } else if (elements instanceof float[] floats) {
            FloatBuffer buffer = chunk.asFloatBuffer();
            int count = buffer.remaining();
            if (toShared) buffer.put(floats, at, count);
            else buffer.get(floats, at, count);
            return count;
        }
        double[] doubles = (double[]) elements;
        DoubleBuffer buffer = chunk.asDoubleBuffer();
        int count = buffer.remaining();
        if (toShared) buffer.put(doubles, at, count);
        else buffer.get(doubles, at, count);
        return count;
    }
}
