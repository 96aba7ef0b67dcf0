package org.alcove;

import java.lang.ref.Cleaner;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An ndarray in shared memory, in C order: the last axis changes fastest. Make one with {@link Alcove#share} or {@link
 * Alcove#allocate}, or get one from {@link Outputs#array}; {@link #close()} gives its memory back for the next.
 *
 * <p>Every access after {@code close()} throws {@link IllegalStateException}. Methods may be called from any thread.
 */
public final class SharedArray implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final SharedMemory memory;
    private final Block block;
    private final long offset;
    private final DType dtype;
    private final long[] shape;
    private final List<Axis> axes;
    private final long size;
    private final Cleaner.Cleanable cleanable;
    private boolean closed;

    /** Counts as one more user of the block until it is closed; the block is null for an array without elements. */
    SharedArray(SharedMemory memory, Block block, long offset, DType dtype, long[] shape, List<Axis> axes) {
        this.memory = memory;
        this.block = block;
        this.offset = offset;
        this.dtype = dtype;
        this.shape = shape.clone();
        this.axes = axes;
        this.size = elements(shape);
        // The cleaning action may not refer to this object, or it would never be collected.
        Block used = block;
        this.cleanable = CLEANER.register(this, () -> {
            if (used != null) {
                memory.unuse(used);
            }
        });
    }

    static long elements(long[] shape) {
        long elements = 1;
        for (long length : shape) {
            if (length < 0) {
                throw new IllegalArgumentException("a negative size in a shape");
            }
            elements = Math.multiplyExact(elements, length);
        }
        return elements;
    }

    /** The type of the elements. */
    public DType dtype() {
        return dtype;
    }

    /** The sizes, slowest axis first; empty for a single element. */
    public long[] shape() {
        return shape.clone();
    }

    /** The axes, one a dimension in the order of {@link #shape()}, or an empty list when they have no names. */
    public List<Axis> axes() {
        return axes;
    }

    /** The number of elements. */
    public long size() {
        return size;
    }

    /** The elements of a BOOL, INT8 or UINT8 array in C order. */
    public byte[] toBytes() {
        byte[] elements = new byte[length(1, byte[].class)];
        copy(elements, false);
        return elements;
    }

    /** The elements of an INT16 or UINT16 array, or the bits of a FLOAT16 array, in C order. */
    public short[] toShorts() {
        short[] elements = new short[length(1, short[].class)];
        copy(elements, false);
        return elements;
    }

    /** The elements of an INT32 or UINT32 array in C order. */
    public int[] toInts() {
        int[] elements = new int[length(1, int[].class)];
        copy(elements, false);
        return elements;
    }

    /** The elements of an INT64 or UINT64 array in C order. */
    public long[] toLongs() {
        long[] elements = new long[length(1, long[].class)];
        copy(elements, false);
        return elements;
    }

    /** The elements of a FLOAT32 array in C order; of a COMPLEX64 array real and imaginary parts in turn. */
    public float[] toFloats() {
        float[] elements = new float[length(dtype == DType.COMPLEX64 ? 2 : 1, float[].class)];
        copy(elements, false);
        return elements;
    }

    /** The elements of a FLOAT64 array in C order; of a COMPLEX128 array real and imaginary parts in turn. */
    public double[] toDoubles() {
        double[] elements = new double[length(dtype == DType.COMPLEX128 ? 2 : 1, double[].class)];
        copy(elements, false);
        return elements;
    }

    /**
     * Fills this array with the elements of a primitive Java array of the fitting type and length, as the {@code to...}
     * methods return them.
     */
    public void copyFrom(Object elements) {
        int parts = dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128 ? 2 : 1;
        int expected = length(parts, elements.getClass());
        if (Array.getLength(elements) != expected) {
            throw new IllegalArgumentException(
                    "an array of " + expected + " elements is needed, not of " + Array.getLength(elements));
        }
        copy(elements, true);
    }

    /**
     * Hands the bytes over in order, without copying, in little-endian buffers of at most 1 GiB. A buffer may be written
     * to, and is valid only within the call.
     */
    public synchronized void forEachChunk(Consumer<ByteBuffer> action) {
        requireOpen();
        long bytes = size * dtype.bytes();
        for (long done = 0; done < bytes; ) {
            ByteBuffer chunk = block.view(offset + done, bytes - done);
            done += chunk.remaining();
            action.accept(chunk);
        }
    }

    /**
     * The bytes of some of the elements in C order, without copying; little-endian, and to be written to. It may be kept,
     * and stays valid after {@link #close()}: as long as it is reachable, its memory is not used for anything else. For
     * one look at all elements prefer {@link #forEachChunk}, which holds nothing up.
     *
     * @param first the first element, counted from 0
     * @param count how many; at most 1 GiB of them
     */
    public synchronized ByteBuffer buffer(long first, long count) {
        requireOpen();
        Objects.checkFromIndexSize(first, count, size);
        long bytes = count * dtype.bytes();
        if (bytes > Block.CHUNK_BYTES) {
            throw new IllegalArgumentException(count + " elements are more than 1 GiB; ask for them in parts");
        }
        return bytes == 0
                ? ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN)
                : block.view(offset + first * dtype.bytes(), bytes);
    }

    /** Gives the memory back for the next array; closing twice is safe. */
    @Override
    public synchronized void close() {
        closed = true;
        cleanable.clean();
    }

    Block block() {
        return block;
    }

    /** The block, if there are elements, with one more user. From here on closing this array cannot take it away. */
    synchronized Optional<Block> use(SharedMemory user) {
        requireOpen();
        if (block != null && memory != user) {
            throw new IllegalArgumentException("this SharedArray belongs to another Alcove");
        }
        Optional<Block> used = Optional.ofNullable(block);
        used.ifPresent(user::use);
        return used;
    }

    long offset() {
        return offset;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this SharedArray was closed");
        }
    }

    private int length(int parts, Class<?> type) {
        Class<?> fitting = switch (dtype) {
            case BOOL, INT8, UINT8 -> byte[].class;
            case INT16, UINT16, FLOAT16 -> short[].class;
            case INT32, UINT32 -> int[].class;
            case INT64, UINT64 -> long[].class;
            case FLOAT32, COMPLEX64 -> float[].class;
            case FLOAT64, COMPLEX128 -> double[].class;
        };
        if (type != fitting) {
            throw new IllegalArgumentException("the elements of a " + dtype.word() + " array go into a "
                    + fitting.getSimpleName() + ", not a " + type.getSimpleName());
        }
        long length = size * parts;
        if (length > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(length + " elements do not fit into one Java array; use forEachChunk");
        }
        return (int) length;
    }

    /** Copies all elements between shared memory and a primitive array, chunk by chunk. */
    private void copy(Object elements, boolean toShared) {
        int[] position = {0};
        forEachChunk(chunk -> position[0] += copyChunk(chunk, elements, position[0], toShared));
    }

    private static int copyChunk(ByteBuffer chunk, Object elements, int at, boolean toShared) {
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
