package org.alcove;

import java.lang.ref.Cleaner;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An ndarray in shared memory, in C order: the last axis changes fastest. Make one with {@link Alcove#share} or {@link
 * Alcove#allocate}, or get one from {@link Outputs#array}; {@link #close()} gives its memory back for the next.
 *
 * <p>Every access after {@code close()} throws {@link IllegalStateException}. Methods may be called from any thread. An
 * array that is not closed holds its memory until the garbage collector finds it; run Java with {@code
 * -Dorg.alcove.traceArrays=true} to have each logged, with the stack trace of where it was made.
 */
public final class SharedArray implements AutoCloseable {
    /** Where an array may begin in a block: at multiples of this. */
    static final int ALIGNMENT = 64;

    private final SharedMemory memory;
    private final Block block;
    private final long offset;
    private final DType dtype;
    private final long[] shape;
    private final List<Axis> axes;
    private final long size;
    private final long life; // the block's
    private final Release release;
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
        this.life = block == null ? 0 : block.life;
        this.release = new Release(memory, block, block == null ? null : OpenArrays.opened(dtype, shape));
        this.cleanable = SharedMemory.CLEANER.register(this, release);
    }

    /** What closing does, or the collector for an array that nobody closed; it may not refer to the array itself. */
    private record Release(SharedMemory memory, Block block, OpenArrays.Trace trace) implements Runnable {
        @Override
        public void run() {
            OpenArrays.forgotten(trace); // no news if it was closed
            if (block != null) {
                memory.unuse(block);
            }
        }
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
        return all(byte[].class);
    }

    /** The elements of an INT16 or UINT16 array, or the bits of a FLOAT16 array, in C order. */
    public short[] toShorts() {
        return all(short[].class);
    }

    /** The elements of an INT32 or UINT32 array in C order. */
    public int[] toInts() {
        return all(int[].class);
    }

    /** The elements of an INT64 or UINT64 array in C order. */
    public long[] toLongs() {
        return all(long[].class);
    }

    /** The elements of a FLOAT32 array in C order; of a COMPLEX64 array real and imaginary parts in turn. */
    public float[] toFloats() {
        return all(float[].class);
    }

    /** The elements of a FLOAT64 array in C order; of a COMPLEX128 array real and imaginary parts in turn. */
    public double[] toDoubles() {
        return all(double[].class);
    }

    /**
     * Fills this array with the elements of a primitive Java array of the fitting type and length, as the {@code to...}
     * methods return them.
     */
    public void copyFrom(Object elements) {
        PrimitiveArrays.requireFit(dtype, elements.getClass());
        long expected = PrimitiveArrays.length(dtype, size);
        if (Array.getLength(elements) != expected) {
            throw new IllegalArgumentException(
                    "an array of " + expected + " elements is needed, not of " + Array.getLength(elements));
        }
        copy(0, elements, true);
    }

    /**
     * Fills a part of this array with the elements of a primitive Java array of the fitting type: with all of them, from
     * the element {@code first} on. Any size can be filled in parts.
     *
     * @param first the first element to be set, counted from 0 in C order
     * @param elements of a complex array real and imaginary parts in turn
     * @throws IndexOutOfBoundsException when they reach beyond the end
     */
    public void copyFrom(long first, Object elements) {
        copy(first, elements, true);
    }

    /**
     * Fills a primitive Java array of the fitting type with elements of this array, from {@code first} on. Any size can
     * be read in parts.
     *
     * @param first the first element to be read, counted from 0 in C order
     * @param elements of a complex array real and imaginary parts in turn
     * @throws IndexOutOfBoundsException when it asks for more than there is
     */
    public void copyTo(long first, Object elements) {
        copy(first, elements, false);
    }

    /**
     * Hands the bytes over in order, without copying, in little-endian buffers of at most 1 GiB. A buffer may be written
     * to, and is valid only within the call. Several threads may do so at once; who closes the array meanwhile only
     * makes its memory free for others when the last of them is done.
     */
    public void forEachChunk(Consumer<ByteBuffer> action) {
        forEachChunk(0, size, action);
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
                : memory.viewToKeep(block, offset + first * dtype.bytes(), bytes);
    }

    /**
     * One more SharedArray on the same elements, with axes of its own. Nothing is copied, and each of the two is closed by
     * itself.
     *
     * @param axes one a dimension, or an empty list
     */
    public SharedArray withAxes(List<Axis> axes) {
        requireFit(axes);
        use(memory);
        return new SharedArray(memory, block, offset, dtype, shape, List.copyOf(axes));
    }

    /** The same, although this one may be closed; empty when its memory has been given back, or is not the user's. */
    Optional<SharedArray> again(SharedMemory user, List<Axis> axes) {
        requireFit(axes);
        return memory == user && (block == null || memory.useAgain(block, life))
                ? Optional.of(new SharedArray(memory, block, offset, dtype, shape, List.copyOf(axes)))
                : Optional.empty();
    }

    private void requireFit(List<Axis> axes) {
        if (!axes.isEmpty() && axes.size() != shape.length) {
            throw new IllegalArgumentException(axes.size() + " axes for " + shape.length + " sizes");
        }
    }

    /** Gives the memory back for the next array; closing twice is safe. */
    @Override
    public synchronized void close() {
        closed = true;
        OpenArrays.closed(release.trace);
        cleanable.clean();
    }

    /**
     * The file that this array lies in, for other programs to map: a block of shared memory; empty for an array without
     * elements. It is deleted when the last array in it is closed; what others have mapped by then stays readable, and is
     * not used for anything else.
     */
    public synchronized Optional<Path> file() {
        requireOpen();
        return Optional.ofNullable(block).map(memory::show);
    }

    /** Where this array begins in its {@link #file()}, in bytes. */
    public long offset() {
        return offset;
    }

    Block block() {
        return block;
    }

    /** From here on the caller is who has to close it. */
    void handedOver() {
        OpenArrays.handedOver(release.trace);
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

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this SharedArray was closed");
        }
    }

    private <T> T all(Class<T> type) {
        PrimitiveArrays.requireFit(dtype, type);
        long length = PrimitiveArrays.length(dtype, size);
        if (length > PrimitiveArrays.LONGEST) {
            throw new IllegalArgumentException(
                    length + " elements do not fit into one Java array; use copyTo or forEachChunk");
        }
        T elements = type.cast(Array.newInstance(type.getComponentType(), (int) length));
        copy(0, elements, false);
        return elements;
    }

    /** Copies between shared memory and all of a primitive array. */
    private void copy(long first, Object elements, boolean toShared) {
        PrimitiveArrays.requireFit(dtype, elements.getClass());
        long count = PrimitiveArrays.count(dtype, Array.getLength(elements));
        Objects.checkFromIndexSize(first, count, size);
        int[] position = {0};
        forEachChunk(first, count,
                chunk -> position[0] += PrimitiveArrays.copy(chunk, elements, position[0], toShared));
    }

    /** As {@link #forEachChunk(Consumer)}, for some of the elements. */
    void forEachChunk(long first, long count, Consumer<ByteBuffer> action) {
        Optional<Block> used = use(memory);
        try {
            long bytes = count * dtype.bytes();
            for (long done = 0; done < bytes; ) {
                ByteBuffer chunk = block.view(offset + first * dtype.bytes() + done, bytes - done);
                done += chunk.remaining();
                action.accept(chunk);
            }
        } finally {
            used.ifPresent(memory::unuse);
        }
    }
}
