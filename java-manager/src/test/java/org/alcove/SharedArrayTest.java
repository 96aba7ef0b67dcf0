package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Elements in and out of shared memory, and whose the memory is. */
class SharedArrayTest {
    @TempDir
    private Path directory;

    private SharedMemory memory;

    @BeforeEach
    void open() {
        memory = SharedMemory.open(directory);
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheElementsOfEveryType(DType dtype) {
        try (SharedArray array = allocate(dtype, 2, 3)) {
            Object elements = sample(dtype, 6);
            array.copyFrom(elements);
            assertTrue(Objects.deepEquals(elements, elementsOf(array)));
            assertEquals(6, array.size());
            assertEquals(dtype, array.dtype());
        }
    }

    @ParameterizedTest
    @EnumSource
    void isFilledAndReadInParts(DType dtype) {
        try (SharedArray array = allocate(dtype, 12)) {
            array.copyFrom(0, sample(dtype, 6));
            array.copyFrom(6, sample(dtype, 6));
            Object read = sample(dtype, 6); // of the right type and length
            Object zeros = Array.newInstance(read.getClass().getComponentType(), Array.getLength(read));
            System.arraycopy(zeros, 0, read, 0, Array.getLength(read));
            array.copyTo(6, read);
            assertTrue(Objects.deepEquals(sample(dtype, 6), read));
            array.copyFrom(3, zeros);
            array.copyTo(0, read);
            int half = Array.getLength(read) / 2;
            for (int i = 0; i < half; i++) {
                assertEquals(Array.get(sample(dtype, 6), i), Array.get(read, i));
                assertEquals(Array.get(zeros, i), Array.get(read, half + i));
            }
        }
    }

    @Test
    void partsLieWithinTheArray() {
        try (SharedArray array = allocate(DType.UINT8, 4);
                SharedArray complex = allocate(DType.COMPLEX64, 4)) {
            array.copyFrom(4, new byte[0]);
            array.copyTo(3, new byte[1]);
            for (Executable wrong : List.<Executable>of(
                    () -> array.copyFrom(2, new byte[3]),
                    () -> array.copyTo(-1, new byte[1]),
                    () -> array.copyTo(5, new byte[0]),
                    () -> array.copyTo(Long.MAX_VALUE, new byte[2]),
                    () -> complex.copyTo(3, new float[4]))) {
                assertThrows(IndexOutOfBoundsException.class, wrong);
            }
            assertThrows(IllegalArgumentException.class, () -> array.copyTo(0, new short[1]));
            assertThrows(IllegalArgumentException.class, () -> complex.copyTo(0, new float[3]));
        }
    }

    @Test
    void isReadBySeveralThreadsAtOnce() throws Exception {
        try (SharedArray array = allocate(DType.UINT8, 4)) {
            CyclicBarrier together = new CyclicBarrier(2);
            Executable read = () -> array.forEachChunk(chunk -> {
                try {
                    together.await(60, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new AssertionError("one waits for the other", e);
                }
            });
            Thread other = new Thread(() -> assertDoesNotThrow(read));
            other.start();
            read.execute();
            other.join();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsBeingReadStaysWhenItIsClosedMeanwhile() {
        SharedArray array = allocate(DType.UINT8, 4);
        array.copyFrom(new byte[] {1, 2, 3, 4});
        String name = array.block().name;
        array.forEachChunk(chunk -> {
            array.close();
            assertFalse(isFree(name), "another array is written over it");
            memory.trim();
            assertEquals(4, chunk.get(3));
        });
        assertTrue(isFree(name));
    }

    @Test
    void saysWhereItLies() throws IOException {
        try (SharedArray array = allocate(DType.UINT8, 4);
                SharedArray empty = new SharedArray(memory, null, 0, DType.UINT8, new long[] {0}, List.of())) {
            array.copyFrom(new byte[] {1, 2, 3, 4});
            byte[] file = Files.readAllBytes(array.file().orElseThrow());
            assertEquals(0, array.offset());
            assertArrayEquals(new byte[] {1, 2, 3, 4}, Arrays.copyOf(file, 4));
            assertEquals(Optional.empty(), empty.file());
        }
    }

    @Test
    void isLittleEndianInMemory() {
        try (SharedArray array = allocate(DType.UINT16, 2)) {
            array.copyFrom(new short[] {0x0102, (short) 0xFFFE});
            assertArrayEquals(new byte[] {2, 1, (byte) 0xFE, (byte) 0xFF}, bytesOf(array));
        }
    }

    @Test
    void givesBuffersThatMayBeWrittenTo() {
        try (SharedArray array = allocate(DType.INT32, 1000)) {
            array.forEachChunk(chunk -> {
                assertEquals(ByteOrder.LITTLE_ENDIAN, chunk.order());
                for (int i = 0; chunk.hasRemaining(); i++) {
                    chunk.putInt(i);
                }
            });
            assertEquals(999, array.toInts()[999]);
        }
    }

    @Test
    void holdsASingleElementWithoutAnyDimension() {
        try (SharedArray array = allocate(DType.FLOAT64)) {
            array.copyFrom(new double[] {Double.NaN});
            assertArrayEquals(new double[] {Double.NaN}, array.toDoubles());
            assertArrayEquals(new long[0], array.shape());
        }
    }

    @Test
    void needsNoMemoryForNoElements() {
        try (SharedArray array = new SharedArray(memory, null, 0, DType.INT16, new long[] {0, 5}, List.of())) {
            array.copyFrom(new short[0]);
            assertEquals(0, array.toShorts().length);
            array.forEachChunk(chunk -> {
                throw new AssertionError("there is nothing to see");
            });
        }
    }

    @Test
    void saysWhichJavaArrayFits() {
        try (SharedArray array = allocate(DType.UINT16, 4)) {
            for (Executable wrong : List.<Executable>of(
                    array::toBytes,
                    array::toFloats,
                    () -> array.copyFrom(new int[4]),
                    () -> array.copyFrom(List.of(1)),
                    () -> array.copyFrom(new Short[4]))) {
                String message = assertThrows(IllegalArgumentException.class, wrong).getMessage();
                assertTrue(message.contains("uint16") && message.contains("short[]"), message);
            }
            String message = assertThrows(IllegalArgumentException.class, () -> array.copyFrom(new short[5]))
                    .getMessage();
            assertTrue(message.contains("4") && message.contains("5"), message);
        }
    }

    @Test
    void cannotBeChangedThroughItsShape() {
        long[] shape = {2, 3};
        try (SharedArray array = allocate(DType.UINT8, shape)) {
            shape[0] = 99;
            array.shape()[1] = 99;
            assertArrayEquals(new long[] {2, 3}, array.shape());
        }
    }

    @Test
    void refusesAShapeThatIsNone() {
        assertThrows(IllegalArgumentException.class, () -> SharedArray.elements(new long[] {2, -1}));
        assertThrows(ArithmeticException.class, () -> SharedArray.elements(new long[] {1L << 40, 1L << 40}));
    }

    @Test
    void throwsOnEveryAccessAfterClose() {
        SharedArray array = allocate(DType.UINT8, 4);
        array.close();
        array.close();
        for (Executable access : List.<Executable>of(
                array::toBytes, () -> array.copyFrom(new byte[4]), () -> array.forEachChunk(chunk -> {}))) {
            assertTrue(assertThrows(IllegalStateException.class, access).getMessage().contains("closed"));
        }
    }

    @Test
    void givesItsBlockBackOnceHoweverOftenItIsClosed() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            SharedArray array = allocate(DType.UINT8, 4);
            Block block = array.block();
            CountDownLatch start = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(new Thread(() -> {
                    awaitQuietly(start);
                    array.close();
                }));
            }
            threads.forEach(Thread::start);
            start.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(0, block.users);
            // Were it in the pool twice, two arrays would share it.
            try (SharedArray one = allocate(DType.UINT8, 4);
                    SharedArray other = allocate(DType.UINT8, 4)) {
                assertFalse(one.block() == other.block());
            }
        }
    }

    @Test
    void givesItsBlockBackWhenItIsForgotten() throws InterruptedException {
        String name = allocateAndForget();
        // The collector is asked again and again, because nothing can make it run.
        for (int tries = 0; tries < 600 && !isFree(name); tries++) {
            System.gc();
            Thread.sleep(50);
        }
        assertTrue(isFree(name), "the block of an array that nobody refers to is still in use");
    }

    @Test
    void outlivesTheSharedMemoryWithoutHarm() {
        SharedArray array = allocate(DType.UINT8, 4);
        memory.close();
        array.close();
    }

    @Test
    void isSeenByPython() throws IOException {
        try (SharedArray array = allocate(DType.INT16, 3)) {
            array.copyFrom(new short[] {1, -2, 3});
            try (PythonProgram python = PythonProgram.start(
                    "import sys, struct; print(struct.unpack('<3h', open(sys.argv[1], 'rb').read(6)))",
                    directory.resolve(array.block().name))) {
                assertEquals("(1, -2, 3)", python.readLine());
            }
        }
    }

    @Test
    void reachesEveryElementOfAnArrayBeyondTwoGibibytes() throws IOException {
        long elements = (3L << 30) / 2 + 100;
        int offset = 64;
        Path file = directory.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(offset + 2 * elements); // a hole: it takes no room
        }
        Block block = new Block("sparse", offset + 2 * elements, file, null);
        block.users = 1;
        long[] shape = {elements};
        try (SharedArray array = new SharedArray(memory, block, offset, DType.UINT16, shape, List.of())) {
            List<Integer> sizes = new ArrayList<>();
            array.forEachChunk(chunk -> {
                sizes.add(chunk.remaining());
                chunk.putShort(chunk.capacity() - 2, (short) (sizes.size()));
            });
            assertEquals(2 * elements, sizes.stream().mapToLong(Integer::longValue).sum());
            assertEquals(List.of(Block.CHUNK_BYTES, Block.CHUNK_BYTES, Block.CHUNK_BYTES, 200), sizes);
        }
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "r")) {
            sparse.seek(offset + 2 * elements - 2);
            assertEquals(4, sparse.read(), "the last element is in the last chunk");
        }
    }

    @Test
    void saysWhatToDoWithAnArrayThatIsTooLargeForJava() {
        Block block = memory.allocate(1);
        try (SharedArray array =
                new SharedArray(memory, block, 0, DType.UINT8, new long[] {1L << 16, 1L << 16}, List.of())) {
            String message = assertThrows(IllegalArgumentException.class, array::toBytes).getMessage();
            assertTrue(message.contains("4294967296") && message.contains("forEachChunk"), message);
        }
    }

    private boolean isFree(String name) {
        try (SharedArray next = allocate(DType.UINT8, 4)) {
            return next.block().name.equals(name);
        }
    }

    private String allocateAndForget() {
        return allocate(DType.UINT8, 4).block().name;
    }

    private SharedArray allocate(DType dtype, long... shape) {
        Block block = memory.allocate(SharedArray.elements(shape) * dtype.bytes());
        return new SharedArray(memory, block, 0, dtype, shape, List.of());
    }

    private static Object elementsOf(SharedArray array) {
        return switch (array.dtype()) {
            case BOOL, INT8, UINT8 -> array.toBytes();
            case INT16, UINT16, FLOAT16 -> array.toShorts();
            case INT32, UINT32 -> array.toInts();
            case INT64, UINT64 -> array.toLongs();
            case FLOAT32, COMPLEX64 -> array.toFloats();
            case FLOAT64, COMPLEX128 -> array.toDoubles();
        };
    }

    private static byte[] bytesOf(SharedArray array) {
        ByteBuffer bytes = ByteBuffer.allocate((int) array.size() * array.dtype().bytes());
        array.forEachChunk(bytes::put);
        return bytes.array();
    }

    private static Object sample(DType dtype, int count) {
        return switch (dtype) {
            case BOOL -> new byte[] {0, 1, 1, 0, 1, 0};
            case INT8, UINT8 -> new byte[] {0, 1, -1, 127, -128, 5};
            case INT16, UINT16, FLOAT16 -> new short[] {0, 1, -1, Short.MAX_VALUE, Short.MIN_VALUE, 5};
            case INT32, UINT32 -> new int[] {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 5};
            case INT64, UINT64 -> new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 5};
            case FLOAT32 -> new float[] {0, -0f, Float.NaN, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, 5};
            case FLOAT64 -> new double[] {0, -0.0, Double.NaN, Double.MIN_VALUE, Double.NEGATIVE_INFINITY, 5};
            case COMPLEX64 -> new float[2 * count];
            case COMPLEX128 -> new double[2 * count];
        };
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
