package org.alcove;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The latest ndarray from one writer to any number of readers, by name, across processes and languages: live video, a
 * preview. The writer never waits, and a reader always gets a whole frame; frames that nobody read in time are lost. Shape
 * and dtype may change from frame to frame.
 *
 * <p>Neither side needs an {@link Alcove}. {@code docs/streams.md} has the guarantees, and the format.
 */
public final class ArrayStream {
    private ArrayStream() {}

    /**
     * The writer of this stream in the memory directory, {@code ALCOVE_MEMORY_DIR} or the platform's. If there is a stream
     * of this name without a writer, it goes on, for its readers too.
     *
     * @param name 1 to 64 letters, digits, dots, underscores and hyphens
     * @throws AlcoveException {@link ErrorKind#STREAM_BUSY} when it has a writer, {@link ErrorKind#STREAM_UNAVAILABLE}
     */
    public static Writer writer(String name) {
        return writer(name, Places.prepared(Places.memoryDirectory()));
    }

    /** The same in another directory. */
    public static Writer writer(String name, Path directory) {
        return Writer.open(new StreamNames(directory.toAbsolutePath(), name));
    }

    /**
     * A reader of this stream in the memory directory, {@code ALCOVE_MEMORY_DIR} or the platform's. It may come before
     * the writer.
     *
     * @throws AlcoveException {@link ErrorKind#STREAM_UNAVAILABLE} when something else has the name
     */
    public static Reader reader(String name) {
        return reader(name, Places.prepared(Places.memoryDirectory()));
    }

    /** The same in another directory. */
    public static Reader reader(String name, Path directory) {
        StreamSource source = new StreamSource(new StreamNames(directory.toAbsolutePath(), name));
        source.attach(); // so that a frame of now is not lost when the writer closes before the first read
        return new Reader(source);
    }

    /** Writes frames. Its methods may be called from any thread, one at a time. */
    public static final class Writer implements AutoCloseable {
        /** Who only looks whether there is a writer holds its lock for less. */
        private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(200);
        /** Who deletes a stream that has no writer holds it for longer, where much else is going on. */
        private static final long PATIENCE_WITHOUT_WRITER = TimeUnit.SECONDS.toNanos(10);

        private final StreamNames names;
        private final StreamFile file;
        private final StreamControl control;
        private final StreamSlots slots;
        private boolean closed;

        private Writer(StreamNames names, StreamFile file) {
            this.names = names;
            this.file = file;
            this.control = file.control;
            this.slots = new StreamSlots(names, file);
        }

        private static Writer open(StreamNames names) {
            long begin = System.nanoTime();
            while (true) {
                Uninterrupted.call(() -> create(names));
                StreamFile file = StreamFile.open(names);
                if (file != null && file.locks.lockWriter()) {
                    if (file.isOf(names)) {
                        file.control.state(StreamControl.WRITTEN_TO);
                        sweepOthers(names);
                        return new Writer(names, file);
                    }
                    file.locks.unlockWriter();
                }
                boolean written = file != null && file.control.state() == StreamControl.WRITTEN_TO;
                if (file != null) {
                    file.release();
                }
                if (System.nanoTime() - begin > (written ? PATIENCE : PATIENCE_WITHOUT_WRITER)) {
                    throw new AlcoveException(
                            ErrorKind.STREAM_BUSY,
                            "stream " + names.name + " has a writer already",
                            "close the other one, or take another name");
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }

        private static Void create(StreamNames names) {
            try {
                names.createControl();
                return null;
            } catch (IOException e) {
                throw new AlcoveException(
                        ErrorKind.OUT_OF_SHARED_MEMORY,
                        "stream " + names.name + " cannot be made in " + names.directory + ": " + Folders.reason(e),
                        SharedMemory.HINT_WHEN_FULL);
            }
        }

        /** Programs that use streams alone start no host, which would do it. */
        private static void sweepOthers(StreamNames names) {
            try {
                StreamRemains.sweep(names.directory);
            } catch (IOException e) {
                // No reason not to write.
            }
        }

        /**
         * Publishes a copy of the elements as the newest frame.
         *
         * @param shape the sizes, slowest axis first; at most 32
         * @param elements a primitive Java array of the fitting type and length, of a complex dtype real and imaginary
         *     parts in turn
         * @throws AlcoveException {@link ErrorKind#OUT_OF_SHARED_MEMORY}, and {@link ErrorKind#STREAM_BUSY} when readers
         *     hold 64 frames; the frame before stays then
         */
        public void write(DType dtype, long[] shape, Object elements) {
            StreamEntry entry = StreamEntry.ofNow(dtype, shape);
            PrimitiveArrays.requireFit(dtype, entry.size(), elements);
            int[] position = {0};
            publish(entry, memory -> memory.forEachChunk(entry.bytes(),
                    chunk -> position[0] += PrimitiveArrays.copy(chunk, elements, position[0], true)));
        }

        /** Publishes a copy of an array; its axes are not passed on. */
        public void write(SharedArray array) {
            publish(StreamEntry.ofNow(array.dtype(), array.shape()), memory -> {
                long[] position = {0};
                array.forEachChunk(chunk -> {
                    memory.view(position[0], chunk.remaining()).put(chunk.duplicate());
                    position[0] += chunk.remaining();
                });
            });
        }

        /**
         * Publishes a frame that is written where readers will find it. When {@code filling} throws, nothing is published.
         *
         * @param filling gets the frame's bytes in order, in little-endian buffers of at most 1 GiB that are valid within
         *     the call; what it does not set is undefined
         */
        public void fill(DType dtype, long[] shape, Consumer<ByteBuffer> filling) {
            StreamEntry entry = StreamEntry.ofNow(dtype, shape);
            publish(entry, memory -> memory.forEachChunk(entry.bytes(), filling));
        }

        private synchronized void publish(StreamEntry entry, Consumer<MappedFile> filling) {
            requireOpen();
            int slot = lockSlot();
            try {
                control.sequence(slot, 0);
                filling.accept(slots.memory(slot, entry.bytes()));
                control.describe(slot, entry);
                // Numbers are given out before they are used, so that none is used twice, however this process ends.
                long sequence = control.last() + 1;
                control.last(sequence);
                control.sequence(slot, sequence);
                control.newest(slot + 1);
            } finally {
                // Only now: who gets the lock shall find nothing in here that is newer than the newest.
                file.locks.unlock(slot);
            }
        }

        /** One that nobody looks at and that is not the newest, so that there is always a frame to read. */
        private int lockSlot() {
            int used = control.slotsUsed();
            for (int slot = 0; slot < StreamControl.SLOTS; slot++) {
                if (slot + 1 != control.newest() && file.locks.lockToWrite(slot)) {
                    control.slotsUsed(Math.max(used, slot + 1));
                    return slot;
                }
            }
            throw new AlcoveException(
                    ErrorKind.STREAM_BUSY,
                    "readers of stream " + names.name + " hold all " + StreamControl.SLOTS + " frames",
                    "let them close frames, or copy what they keep");
        }

        private void requireOpen() {
            if (closed) {
                throw new IllegalStateException("this stream's writer was closed");
            }
        }

        /** Ends the stream: readers are told after the last frame. Closing twice is safe. */
        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                control.state(StreamControl.CLOSED);
                file.locks.unlockWriter();
                StreamRemains.deleteIfUnused(file, names);
                file.release();
            }
        }
    }

    /** Reads frames. Its methods may be called from any thread. */
    public static final class Reader implements AutoCloseable {
        private static final long SHORTEST_PAUSE = TimeUnit.MICROSECONDS.toNanos(50);
        private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
        private static final long BETWEEN_LOOKS_AT_THE_WRITER = TimeUnit.MILLISECONDS.toNanos(20);

        private final StreamSource source;

        private Reader(StreamSource source) {
            this.source = source;
        }

        /**
         * The newest frame if it was not read by this reader, else the next one as soon as it is there; empty when none
         * came in that time. Waits also for the writer, where there was none yet.
         *
         * @throws AlcoveException {@link ErrorKind#STREAM_ENDED} when the writer is gone and its last frame was read; read
         *     again to wait for another writer. {@link ErrorKind#STREAM_UNAVAILABLE} when the frame cannot be read; the
         *     next call skips it. {@link ErrorKind#CANCELLED} when the thread is interrupted while it waits
         */
        public Optional<Frame> read(Duration timeout) {
            long begin = System.nanoTime();
            long patience = timeout.compareTo(Duration.ofDays(10_000)) < 0 ? timeout.toNanos() : Long.MAX_VALUE;
            long nextLookAtWriter = Math.min(BETWEEN_LOOKS_AT_THE_WRITER, patience);
            for (long pause = SHORTEST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
                Optional<Frame> frame = source.newest(false);
                long waited = System.nanoTime() - begin;
                if (frame.isEmpty() && waited >= nextLookAtWriter) {
                    nextLookAtWriter = waited + BETWEEN_LOOKS_AT_THE_WRITER;
                    frame = source.lastOfWriter();
                }
                if (frame.isPresent() || waited >= patience) {
                    return frame;
                }
                pause(Math.min(pause, patience - waited));
            }
        }

        /**
         * The newest frame, whether or not it was read before; empty when none was ever written. After the end of the
         * stream it is the last one, for as long as this reader is open.
         *
         * @throws AlcoveException {@link ErrorKind#STREAM_UNAVAILABLE} when the frame cannot be read
         */
        public Optional<Frame> latest() {
            return source.newest(true);
        }

        /** How many frames were written between those that this reader read. */
        public long dropped() {
            return source.dropped();
        }

        /** Whether somebody has the stream open to write. */
        public boolean isWriterAlive() {
            return source.hasWriter();
        }

        /** Frames that are open stay so. Closing twice is safe. */
        @Override
        public void close() {
            source.close();
        }

        private static void pause(long nanoseconds) {
            LockSupport.parkNanos(nanoseconds);
            if (Thread.currentThread().isInterrupted()) {
                throw new CancelledException("interrupted while waiting for a frame");
            }
        }
    }

    /**
     * One frame, as it was written; nobody changes it until {@link #close()}. Hold on to it for as long as you use its
     * buffers: one that was forgotten is closed when it is collected.
     */
    public static final class Frame implements AutoCloseable {
        private static final Cleaner CLEANER = Cleaner.create();

        private final StreamEntry entry;
        private final MappedFile memory;
        private final Cleaner.Cleanable loan;
        private boolean closed;

        /** @param loan what gives the slot back; it may not refer to the frame, which would never be collected */
        Frame(StreamEntry entry, MappedFile memory, Runnable loan) {
            this.entry = entry;
            this.memory = memory;
            this.loan = CLEANER.register(this, loan);
        }

        /** The type of the elements. */
        public DType dtype() {
            return entry.dtype();
        }

        /** The sizes, slowest axis first; empty for a single element. */
        public long[] shape() {
            return entry.shape().clone();
        }

        /** The number of elements. */
        public long size() {
            return entry.size();
        }

        /** The writer's number of it, counted from 1. */
        public long sequence() {
            return entry.sequence();
        }

        /** When it was written. */
        public Instant time() {
            return Instant.ofEpochSecond(0, entry.time());
        }

        /**
         * Hands the bytes over in order, without copying, in little-endian read-only buffers of at most 1 GiB, which are
         * valid until {@link #close()}.
         */
        public synchronized void forEachChunk(Consumer<ByteBuffer> action) {
            requireOpen();
            memory.forEachChunk(entry.bytes(), action);
        }

        /**
         * Copies all elements, in C order, into a primitive Java array of the fitting type and length: byte[] for BOOL, INT8
         * and UINT8, short[] for INT16, UINT16 and FLOAT16, and so on; of a complex dtype real and imaginary parts in turn.
         */
        public synchronized void copyTo(Object elements) {
            requireOpen();
            PrimitiveArrays.requireFit(entry.dtype(), size(), elements);
            int[] position = {0};
            forEachChunk(chunk -> position[0] += PrimitiveArrays.copy(chunk, elements, position[0], false));
        }

        /** Gives the slot back to the writer; closing twice is safe. */
        @Override
        public synchronized void close() {
            closed = true;
            loan.clean();
        }

        private void requireOpen() {
            if (closed) {
                throw new IllegalStateException("this frame was closed");
            }
        }
    }
}
