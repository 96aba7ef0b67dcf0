package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Writer and readers within one program; {@code tests/test_streams_both_ways.py} has them in several. */
class ArrayStreamTest {
    private static final Duration NOT_AT_ALL = Duration.ZERO;
    private static final Duration A_MINUTE = Duration.ofMinutes(1);
    private static final long[] PAIR = {2};

    @TempDir
    private Path directory;

    private ArrayStream.Writer writer;
    private ArrayStream.Reader reader;

    @BeforeEach
    void open() {
        writer = ArrayStream.writer("video", directory);
        reader = ArrayStream.reader("video", directory);
    }

    @AfterEach
    void nothingIsLeft() {
        writer.close();
        reader.close();
        assertEquals(List.of(), List.of(directory.toFile().list()));
        assertEquals("", System.getProperty(StreamRegistry.OPEN), "open files");
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyDtypePasses(DType dtype) {
        byte[] bytes = new byte[6 * dtype.bytes()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (dtype == DType.BOOL ? i % 2 : i);
        }
        writer.fill(dtype, new long[] {2, 3}, chunk -> chunk.put(bytes));
        try (ArrayStream.Frame frame = read()) {
            assertEquals(dtype, frame.dtype());
            assertArrayEquals(new long[] {2, 3}, frame.shape());
            assertEquals(6, frame.size());
            assertArrayEquals(bytes, bytes(frame));
        }
    }

    @Test
    void primitiveArraysGoInAndComeOut() {
        writer.write(DType.UINT16, new long[] {2, 2}, new short[] {1, 2, 3, -1});
        try (ArrayStream.Frame frame = read()) {
            short[] elements = new short[4];
            frame.copyTo(elements);
            assertArrayEquals(new short[] {1, 2, 3, -1}, elements);
            assertThrows(IllegalArgumentException.class, () -> frame.copyTo(new short[5]));
            assertThrows(IllegalArgumentException.class, () -> frame.copyTo(new int[4]));
        }
        writer.write(DType.COMPLEX64, new long[] {2}, new float[] {1, 2, 3, 4});
        try (ArrayStream.Frame frame = read()) {
            float[] parts = new float[4];
            frame.copyTo(parts);
            assertArrayEquals(new float[] {1, 2, 3, 4}, parts);
        }
    }

    @Test
    void aSharedArrayGoesIn() {
        try (Alcove alcove = Alcove.open(new Settings().memoryDirectory(directory));
                SharedArray array = alcove.share(DType.INT32, new int[] {1, -2, 3}, "x", 3)) {
            writer.write(array);
        }
        try (ArrayStream.Frame frame = read()) {
            int[] elements = new int[3];
            frame.copyTo(elements);
            assertArrayEquals(new int[] {1, -2, 3}, elements);
        }
    }

    @Test
    void shapeAndDtypeMayChangeWithEveryFrame() {
        long[] many = new long[32];
        java.util.Arrays.fill(many, 1);
        many[31] = 5;
        record Kind(DType dtype, long... shape) {}
        List<Kind> kinds = List.of(
                new Kind(DType.UINT8, 10),
                new Kind(DType.FLOAT64),
                new Kind(DType.UINT8, 300, 400, 3),
                new Kind(DType.BOOL, 0),
                new Kind(DType.COMPLEX128, 4, 0, 1L << 50),
                new Kind(DType.INT16, many),
                new Kind(DType.FLOAT32, 500, 700));
        for (int round = 0; round < 3; round++) {
            for (Kind kind : kinds) {
                writer.fill(kind.dtype, kind.shape, ArrayStreamTest::count);
                try (ArrayStream.Frame frame = read()) {
                    assertEquals(kind.dtype, frame.dtype());
                    assertArrayEquals(kind.shape, frame.shape());
                    ByteBuffer expected = ByteBuffer.allocate((int) frame.size() * kind.dtype.bytes());
                    count(expected);
                    assertArrayEquals(expected.array(), bytes(frame));
                }
            }
        }
    }

    @Test
    void aFrameTellsItsNumberAndItsTime() {
        Instant before = Instant.now();
        write(1);
        try (ArrayStream.Frame frame = read()) {
            assertEquals(1, frame.sequence());
            assertFalse(frame.time().isBefore(before) || frame.time().isAfter(Instant.now()), "written " + frame.time());
        }
    }

    @Test
    void readReturnsEachFrameOnceAndLatestReturnsItAgain() {
        assertEquals(Optional.empty(), reader.read(NOT_AT_ALL));
        assertEquals(Optional.empty(), reader.latest());
        write(1);
        assertEquals(1, readValue());
        assertEquals(Optional.empty(), reader.read(NOT_AT_ALL));
        try (ArrayStream.Frame frame = reader.latest().orElseThrow()) {
            assertEquals(1, value(frame));
        }
        write(2);
        assertEquals(2, readValue());
    }

    @Test
    void framesThatNobodyReadAreCounted() {
        write(1);
        write(2);
        assertEquals(2, readValue());
        assertEquals(0, reader.dropped(), "before the first one read");
        write(3);
        assertEquals(3, readValue());
        for (int value = 4; value <= 9; value++) {
            write(value);
        }
        assertEquals(9, readValue());
        assertEquals(5, reader.dropped());
    }

    @Test
    void aReaderWaitsForAFrame() {
        CompletableFuture<Integer> waiting = CompletableFuture.supplyAsync(this::readValue);
        write(7);
        assertEquals(7, waiting.join());
    }

    @Test
    void aReaderMayComeBeforeTheWriter() {
        try (ArrayStream.Reader early = ArrayStream.reader("later", directory.resolve("not there yet"))) {
            assertEquals(Optional.empty(), early.read(NOT_AT_ALL));
            assertFalse(early.isWriterAlive());
            try (ArrayStream.Writer late = ArrayStream.writer("later", directory.resolve("not there yet"))) {
                late.write(DType.UINT8, PAIR, new byte[] {3, 4});
                assertTrue(early.isWriterAlive());
                try (ArrayStream.Frame frame = early.read(A_MINUTE).orElseThrow()) {
                    assertArrayEquals(new byte[] {3, 4}, bytes(frame));
                }
            }
        }
        assertTrue(directory.resolve("not there yet").toFile().delete());
    }

    @Test
    void aFrameStaysAsItIsUntilItIsClosed() {
        List<ArrayStream.Frame> frames = new ArrayList<>();
        for (int value = 0; value < 5; value++) {
            write(value);
            frames.add(read());
            write(100 + value);
        }
        ByteBuffer kept = chunk(frames.get(2));
        for (int value = 0; value < 5; value++) {
            assertEquals(value, value(frames.get(value)));
        }
        assertEquals(2, kept.get(0));
        assertThrows(ReadOnlyBufferException.class, () -> kept.put(0, (byte) 1));
        frames.forEach(ArrayStream.Frame::close);
        int files = directory.toFile().list().length;
        for (int value = 0; value < 20; value++) {
            write(value);
        }
        assertEquals(files, directory.toFile().list().length, "slots are used again");
    }

    @Test
    void severalReadersMayLookAtOneFrame() {
        try (ArrayStream.Reader other = ArrayStream.reader("video", directory)) {
            write(1);
            ArrayStream.Frame one = read();
            ArrayStream.Frame two = other.read(A_MINUTE).orElseThrow();
            one.close();
            write(2);
            write(3);
            assertEquals(1, value(two), "the other one still looks at it");
            two.close();
        }
    }

    @Test
    void whenReadersHoldAllSlotsTheWriterSaysSoAndGoesOnLater() {
        List<ArrayStream.Frame> frames = new ArrayList<>();
        for (int value = 0; value < 64; value++) {
            write(value);
            frames.add(read());
        }
        assertFails(ErrorKind.STREAM_BUSY, () -> write(64));
        for (int value = 0; value < 64; value++) {
            assertEquals(value, value(frames.get(value)));
        }
        frames.get(0).close();
        write(65);
        assertEquals(65, readValue());
        frames.forEach(ArrayStream.Frame::close);
    }

    @Test
    void aFrameThatFailsIsNotPublished() {
        write(1);
        assertThrows(ArithmeticException.class, () -> writer.fill(DType.UINT8, PAIR, chunk -> {
            chunk.put((byte) 9);
            throw new ArithmeticException("as asked");
        }));
        assertEquals(1, readValue());
        write(2);
        assertEquals(2, readValue());
        assertEquals(0, reader.dropped());
    }

    /** However fast the writer goes round, also when it is at the reader's very slot. */
    @Test
    void theNewestFrameIsNeverOlderThanTheOneBefore() {
        CompletableFuture<?> writing = CompletableFuture.runAsync(() -> {
            for (int frame = 1; frame <= 5_000; frame++) {
                writer.write(DType.INT64, new long[] {1}, new long[] {frame});
            }
        });
        long before = 0;
        while (before < 5_000) {
            assertFalse(writing.isCompletedExceptionally(), "the writer failed");
            Optional<ArrayStream.Frame> latest = reader.latest();
            if (latest.isPresent()) {
                try (ArrayStream.Frame frame = latest.get()) {
                    long[] content = new long[1];
                    frame.copyTo(content);
                    assertEquals(frame.sequence(), content[0], "a frame under another's number");
                    assertTrue(before <= content[0], content[0] + " after " + before);
                    before = content[0];
                }
            }
        }
        writing.join();
    }

    @Test
    void thereIsOneWriter() {
        assertFails(ErrorKind.STREAM_BUSY, () -> ArrayStream.writer("video", directory));
        write(1);
        assertEquals(1, readValue());
        ArrayStream.writer("another", directory).close();
    }

    @Test
    void theEndIsToldAfterTheLastFrameAndAnotherWriterRevivesTheStream() {
        write(1);
        writer.close();
        assertFalse(reader.isWriterAlive());
        assertEquals(1, readValue());
        assertFails(ErrorKind.STREAM_ENDED, () -> reader.read(A_MINUTE));
        assertFails(ErrorKind.STREAM_ENDED, () -> reader.read(NOT_AT_ALL));
        reader.latest().orElseThrow().close();
        writer = ArrayStream.writer("video", directory);
        assertEquals(Optional.empty(), reader.read(NOT_AT_ALL));
        write(2);
        try (ArrayStream.Frame frame = read()) {
            assertEquals(2, frame.sequence(), "numbers go on");
        }
    }

    /** Also when it comes between two looks of the reader, together with the end. */
    @Test
    void theLastFrameIsNeverMissed() {
        for (int round = 0; round < 300; round++) {
            ArrayStream.Writer last = round == 0 ? writer : ArrayStream.writer("video", directory);
            CompletableFuture<?> ending = CompletableFuture.runAsync(() -> {
                last.write(DType.UINT8, PAIR, new byte[2]);
                last.close();
            });
            Optional<ArrayStream.Frame> frame = Optional.empty();
            while (frame.isEmpty()) {
                frame = reader.read(NOT_AT_ALL);
            }
            frame.get().close();
            ending.join();
        }
    }

    @Test
    void aReaderFollowsANameThatIsUsedAgain() throws Exception {
        write(1);
        assertEquals(1, readValue());
        for (String file : directory.toFile().list()) {
            assertTrue(directory.resolve(file).toFile().delete()); // by hand; nobody else would, under a reader
        }
        try (ArrayStream.Writer next = ArrayStream.writer("video", directory)) {
            next.write(DType.UINT8, PAIR, new byte[] {8, 8});
            writer.close();
            assertEquals(8, readValue());
        }
    }

    @ParameterizedTest
    @CsvSource({"writer, reader, frame", "writer, frame, reader", "reader, writer, frame",
        "reader, frame, writer", "frame, writer, reader", "frame, reader, writer"})
    void whoeverEndsLastLeavesNothing(String first, String second, String third) throws Exception {
        write(5);
        ArrayStream.Frame frame = read();
        for (String who : List.of(first, second, third)) {
            (switch (who) {
                case "writer" -> writer;
                case "reader" -> reader;
                default -> {
                    assertEquals(5, value(frame));
                    yield frame;
                }
            }).close();
        }
        assertEquals(0, directory.toFile().list().length);
    }

    @Test
    void aForgottenFrameIsClosedWhenItIsCollected() throws Exception {
        write(1);
        read();
        reader.close();
        writer.close();
        Eventually.becomes("closed", () -> {
            System.gc();
            return System.getProperty(StreamRegistry.OPEN).isEmpty();
        });
    }

    @Test
    void anInterruptEndsTheWaitAndNothingElse() {
        write(1);
        try (ArrayStream.Frame frame = read()) {
            Thread.currentThread().interrupt();
            assertFails(ErrorKind.CANCELLED, () -> reader.read(A_MINUTE));
            // Everything else works as if nothing had been, for Java closes the channels of threads that are interrupted.
            writer.write(DType.UINT8, new long[] {100_000}, new byte[100_000]);
            try (ArrayStream.Reader another = ArrayStream.reader("video", directory);
                    ArrayStream.Frame next = another.read(A_MINUTE).orElseThrow()) {
                assertEquals(100_000, next.size());
            }
            ArrayStream.writer("another", directory).close();
            assertTrue(Thread.interrupted(), "still said to be interrupted");
            assertEquals(1, value(frame));
        }
        write(2);
        assertEquals(2, readValue());
    }

    @Test
    void closedMeansClosed() {
        write(1);
        ArrayStream.Frame frame = read();
        frame.close();
        frame.close();
        assertThrows(IllegalStateException.class, () -> frame.forEachChunk(chunk -> {}));
        assertThrows(IllegalStateException.class, () -> frame.copyTo(new byte[2]));
        writer.close();
        writer.close();
        assertThrows(IllegalStateException.class, () -> write(1));
        reader.close();
        reader.close();
        assertThrows(IllegalStateException.class, () -> reader.read(NOT_AT_ALL));
        assertThrows(IllegalStateException.class, reader::latest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".hidden", "-o", "a/b", "a=b", "ä", "a b", "..",
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcde"})
    void aStreamHasAPlainName(String name) {
        assertFails(ErrorKind.STREAM_UNAVAILABLE, () -> ArrayStream.writer(name, directory));
        assertFails(ErrorKind.STREAM_UNAVAILABLE, () -> ArrayStream.reader(name, directory));
    }

    @Test
    void aFrameHasAnOrdinaryShape() {
        for (long[] shape : new long[][] {{-1}, {1L << 40, 1L << 40}, new long[33], {1L << 62, 0, 4}}) {
            assertThrows(IllegalArgumentException.class, () -> writer.fill(DType.UINT8, shape, chunk -> {}));
        }
        assertThrows(IllegalArgumentException.class, () -> writer.write(DType.UINT8, PAIR, new byte[3]));
        assertThrows(IllegalArgumentException.class, () -> writer.write(DType.UINT8, PAIR, new int[2]));
        assertEquals(Optional.empty(), reader.read(NOT_AT_ALL));
    }

    private static void assertFails(ErrorKind kind, org.junit.jupiter.api.function.Executable action) {
        assertEquals(kind, assertThrows(AlcoveException.class, action).kind());
    }

    private static void count(ByteBuffer chunk) {
        for (int i = 0; chunk.hasRemaining(); i++) {
            chunk.put((byte) (i + i / 256));
        }
    }

    private void write(int value) {
        writer.write(DType.UINT8, PAIR, new byte[] {(byte) value, (byte) value});
    }

    private ArrayStream.Frame read() {
        return reader.read(A_MINUTE).orElseThrow();
    }

    private int readValue() {
        try (ArrayStream.Frame frame = read()) {
            return value(frame);
        }
    }

    private static int value(ArrayStream.Frame frame) {
        byte[] elements = bytes(frame);
        assertEquals(elements[0], elements[1]);
        return elements[0];
    }

    private static byte[] bytes(ArrayStream.Frame frame) {
        byte[] bytes = new byte[(int) frame.size() * frame.dtype().bytes()];
        int[] position = {0};
        frame.forEachChunk(chunk -> chunk.get(bytes, position[0], bytes.length));
        return bytes;
    }

    private static ByteBuffer chunk(ArrayStream.Frame frame) {
        ByteBuffer[] found = {null};
        frame.forEachChunk(chunk -> found[0] = chunk);
        return found[0];
    }
}
