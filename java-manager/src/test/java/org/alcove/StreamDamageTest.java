package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not as they should be, and no room for more: an error that says so, and the stream goes on. */
class StreamDamageTest {
    private static final int ENTRY = 512; // of the slot that is used first
    private static final Duration NOT_AT_ALL = Duration.ZERO;

    @TempDir
    private Path directory;

    /** What somebody wrote into the control file. */
    private record Damage(String name, Consumer<ByteBuffer> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Damage> framesThatCannotBe() {
        return Stream.of(
                new Damage("2^60 dimensions", entry -> entry.putLong(48, 1L << 60)),
                new Damage("-1 dimensions", entry -> entry.putLong(48, -1)),
                new Damage("33 dimensions", entry -> entry.putLong(48, 33)),
                new Damage("a negative size", entry -> entry.putLong(56, -1)),
                new Damage("a size that overflows", entry -> entry.putLong(48, 3)
                        .putLong(56, 1L << 32).putLong(64, 1L << 32).putLong(72, 2)),
                new Damage("sizes that overflow beside a 0", entry -> entry.putLong(48, 3)
                        .putLong(56, 1L << 62).putLong(64, 1L << 62).putLong(72, 0)),
                new Damage("more bytes than its file", entry -> entry.putLong(56, 4097)),
                new Damage("more bytes than any file", entry -> entry.putLong(56, 1L << 60)),
                new Damage("a file that is not there", entry -> entry.putLong(8, 1L << 62)),
                new Damage("a file number below 0", entry -> entry.putLong(8, -1)),
                new Damage("no file", entry -> entry.putLong(8, 0)),
                new Damage("a dtype of Python's alone", entry -> entry.put(32, "float128".getBytes())),
                new Damage("a dtype of nobody's", entry -> entry.put(32, new byte[] {-1, -2, 3, 0})),
                new Damage("a dtype without an end", entry -> entry.put(32, "uint8uint8uint8u".getBytes())));
    }

    @ParameterizedTest
    @MethodSource("framesThatCannotBe")
    void aFrameThatCannotBeIsRefusedAndTheNextIsRead(Damage damage) throws IOException {
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory);
                ArrayStream.Reader reader = ArrayStream.reader("video", directory)) {
            write(writer, 1);
            change(control(), ENTRY, damage.change);
            assertUnavailable(() -> reader.read(NOT_AT_ALL));
            assertUnavailable(reader::latest);
            assertEquals(Optional.empty(), reader.read(NOT_AT_ALL), "it is not read again and again");
            write(writer, 2);
            assertEquals(2, read(reader));
            write(writer, 3);
            assertEquals(3, read(reader));
        }
        assertNothingLeft();
    }

    @Test
    void float128IsRefusedByName() throws IOException {
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory);
                ArrayStream.Reader reader = ArrayStream.reader("video", directory)) {
            write(writer, 1);
            change(control(), ENTRY, entry -> entry.put(32, "float128".getBytes()));
            String message = assertThrows(AlcoveException.class, reader::latest).getMessage();
            assertTrue(message.contains("float128") && message.contains("Java"), message);
        }
    }

    @Test
    void aFileThatWasCutIsRefused() throws IOException {
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory);
                ArrayStream.Reader reader = ArrayStream.reader("video", directory)) {
            write(writer, 1);
            try (RandomAccessFile slot = new RandomAccessFile(slots().get(0).toFile(), "rw")) {
                slot.setLength(0);
            }
            assertUnavailable(() -> reader.read(NOT_AT_ALL));
        }
        assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(longs = {65, 1L << 40, -1, Long.MIN_VALUE})
    void aSlotThatIsNoneIsRefused(long newest) throws IOException {
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory);
                ArrayStream.Reader reader = ArrayStream.reader("video", directory)) {
            write(writer, 1);
            change(control(), 0, control -> control.putLong(16, newest));
            assertUnavailable(() -> reader.read(NOT_AT_ALL));
            write(writer, 2);
            assertEquals(2, read(reader));
        }
        assertNothingLeft();
    }

    /** It looked up the newest slot long ago, and the writer has gone round and failed, or died, since then. */
    @Test
    void aReaderThatComesLateSeesNoHalfFrame() throws IOException {
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory);
                ArrayStream.Reader reader = ArrayStream.reader("video", directory)) {
            write(writer, 1);
            write(writer, 2);
            assertThrows(IllegalStateException.class, () -> writer.fill(DType.UINT8, new long[] {1}, chunk -> {
                chunk.put((byte) 99);
                throw new IllegalStateException("as asked");
            }));
            change(control(), 0, control -> control.putLong(16, 1)); // the slot of frame 1, and of the half one
            assertEquals(Optional.empty(), reader.read(NOT_AT_ALL));
            assertEquals(Optional.empty(), reader.latest());
            change(control(), 0, control -> control.putLong(16, 2));
            assertEquals(2, read(reader));
        }
    }

    @Test
    void numbersThatAreNoneDoNotHarmTheWriter() throws IOException {
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory);
                ArrayStream.Reader reader = ArrayStream.reader("video", directory)) {
            write(writer, 1);
            change(control(), 0, control -> control.putLong(40, -5).putLong(48, -7));
            write(writer, 2);
            assertEquals(2, read(reader));
            change(control(), 0, control -> control.putLong(40, 1L << 50));
            write(writer, 3);
            assertEquals(3, read(reader));
        }
        assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 100, 36863, 36864, 50000})
    void whatIsNoStreamIsRefusedAndSwept(int size) throws IOException {
        byte[] garbage = new byte[size];
        new Random(size).nextBytes(garbage);
        Files.write(control(), garbage);
        assertRefused();
        Lease.sweep(directory);
        assertNothingLeft();
    }

    @Test
    void aStreamThatWasCutIsRefusedAndSwept() throws IOException {
        byte[] content = StreamControl.initial(1).array();
        Files.write(control(), Arrays.copyOf(content, 36863));
        assertRefused();
        Lease.sweep(directory);
        assertNothingLeft();
    }

    @Test
    void anotherVersionsStreamIsRefusedAndLeftAlone() throws IOException {
        byte[] content = StreamControl.initial(1).putInt(8, 2).array();
        Files.write(control(), content);
        assertRefused();
        Lease.sweep(directory);
        assertEquals(List.of(control()), files());
    }

    @Test
    void aFolderInItsPlaceIsRefused() throws IOException {
        Files.createDirectories(control().resolve("full"));
        assertRefused();
        Lease.sweep(directory);
    }

    @Test
    void theFileOfADeadWritersFrameMayBeAnything() throws IOException {
        try (ArrayStream.Reader reader = ArrayStream.reader("video", directory)) {
            try (ArrayStream.Writer writer = ArrayStream.writer("video", directory)) {
                assertEquals(Optional.empty(), reader.read(NOT_AT_ALL));
                for (int value = 1; value <= 2; value++) {
                    write(writer, value);
                }
            }
            for (Path slot : slots()) {
                Files.write(slot, new byte[1]);
            }
            try (ArrayStream.Writer writer = ArrayStream.writer("video", directory)) {
                for (int value = 3; value <= 6; value++) {
                    write(writer, value);
                    assertEquals(value, read(reader));
                }
            }
        }
        assertNothingLeft();
    }

    @Test
    void aFullFileSystemEndsNothing() throws IOException {
        try (SmallFileSystem small = SmallFileSystem.mount(directory.resolve("small"), 4);
                ArrayStream.Writer writer = ArrayStream.writer("video", small.directory());
                ArrayStream.Reader reader = ArrayStream.reader("video", small.directory())) {
            write(writer, 1);
            for (int attempt = 0; attempt < 3; attempt++) {
                AlcoveException failure = assertThrows(AlcoveException.class,
                        () -> writer.fill(DType.UINT8, new long[] {5 << 20}, chunk -> {}));
                assertEquals(ErrorKind.OUT_OF_SHARED_MEMORY, failure.kind());
                assertTrue(failure.hint().orElseThrow().contains("ALCOVE_MEMORY_DIR"));
            }
            assertEquals(1, read(reader), "the newest frame stays");
            for (int round = 0; round < 20; round++) {
                writer.fill(DType.UINT8, new long[] {1 << 20}, chunk -> {});
                write(writer, 2);
                assertEquals(2, read(reader));
            }
            writer.close();
            reader.close();
            assertEquals(0, small.files().size());
        }
    }

    @Test
    void aFullFileSystemGetsRoomFromSlotsThatNobodyNeedsNow() throws IOException {
        try (SmallFileSystem small = SmallFileSystem.mount(directory.resolve("small"), 5);
                ArrayStream.Writer writer = ArrayStream.writer("video", small.directory());
                ArrayStream.Reader reader = ArrayStream.reader("video", small.directory())) {
            List<ArrayStream.Frame> held = new ArrayList<>();
            for (int frame = 0; frame < 4; frame++) {
                writer.fill(DType.UINT8, new long[] {1 << 20}, chunk -> {});
                held.add(reader.read(NOT_AT_ALL).orElseThrow());
            }
            held.forEach(ArrayStream.Frame::close);
            writer.fill(DType.UINT8, new long[] {3 << 20}, chunk -> {});
            reader.read(NOT_AT_ALL).orElseThrow().close();
        }
    }

    @Test
    void whatLargeFramesAndManyReadersTookIsGivenBack() throws IOException {
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory);
                ArrayStream.Reader reader = ArrayStream.reader("video", directory)) {
            List<ArrayStream.Frame> held = new ArrayList<>();
            byte[] content = new byte[100_000];
            Arrays.fill(content, (byte) 7);
            for (int frame = 0; frame < 10; frame++) {
                writer.write(DType.UINT8, new long[] {content.length}, content);
                held.add(reader.read(NOT_AT_ALL).orElseThrow());
            }
            try (ArrayStream.Frame first = held.remove(0)) {
                held.forEach(ArrayStream.Frame::close);
                for (int frame = 0; frame < 500; frame++) {
                    write(writer, frame);
                }
                byte[] found = new byte[content.length];
                first.copyTo(found);
                assertArrayEquals(content, found, "somebody still looks at this one");
                long bytes = slots().stream().mapToLong(slot -> slot.toFile().length()).sum();
                assertTrue(bytes <= BlockPool.sizeClass(content.length) + 2 * 4096, bytes + " bytes");
            }
        }
    }

    /** Java keeps a mapping until it collects garbage, which must not keep the memory. */
    @Test
    void framesThatGrowDoNotFillTheFileSystem() throws IOException {
        try (SmallFileSystem small = SmallFileSystem.mount(directory.resolve("small"), 8);
                ArrayStream.Writer writer = ArrayStream.writer("video", small.directory());
                ArrayStream.Reader reader = ArrayStream.reader("video", small.directory())) {
            for (int round = 0; round < 3; round++) {
                for (int size = 100_000; size < 2_500_000; size += 100_000) {
                    writer.fill(DType.UINT8, new long[] {size}, chunk -> {});
                    try (ArrayStream.Frame frame = reader.read(NOT_AT_ALL).orElseThrow()) {
                        assertEquals(size, frame.size());
                        frame.copyTo(new byte[size]);
                    }
                }
                for (int small2 = 0; small2 < 50; small2++) {
                    write(writer, small2);
                }
            }
            reader.close();
            writer.close();
            long used = small.directory().toFile().getTotalSpace() - small.directory().toFile().getFreeSpace();
            assertTrue(used < 1 << 20, used + " bytes are still used");
        }
    }

    private void assertRefused() throws IOException {
        long before = Files.isRegularFile(control()) ? Files.size(control()) : 0;
        assertUnavailable(() -> ArrayStream.reader("video", directory));
        assertUnavailable(() -> ArrayStream.writer("video", directory));
        assertEquals(before, Files.isRegularFile(control()) ? Files.size(control()) : 0);
        assertEquals("", System.getProperty(StreamRegistry.OPEN, ""));
    }

    private static void assertUnavailable(org.junit.jupiter.api.function.Executable action) {
        AlcoveException failure = assertThrows(AlcoveException.class, action);
        assertEquals(ErrorKind.STREAM_UNAVAILABLE, failure.kind(), failure.getMessage());
        assertTrue(failure.getMessage().contains("video"), failure.getMessage());
    }

    private static void change(Path file, int position, Consumer<ByteBuffer> change) throws IOException {
        byte[] bytes = new byte[512];
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(position);
            access.readFully(bytes);
            change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
            access.seek(position);
            access.write(bytes);
        }
    }

    private Path control() {
        return directory.resolve("alcove-stream.video=");
    }

    private List<Path> slots() throws IOException {
        return files().stream().filter(file -> !file.equals(control())).toList();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private void assertNothingLeft() throws IOException {
        assertEquals(List.of(), files());
    }

    private static void write(ArrayStream.Writer writer, int value) {
        writer.write(DType.UINT8, new long[] {1}, new byte[] {(byte) value});
    }

    private static int read(ArrayStream.Reader reader) {
        try (ArrayStream.Frame frame = reader.read(Duration.ofMinutes(1)).orElseThrow()) {
            byte[] value = new byte[1];
            frame.copyTo(value);
            return value[0];
        }
    }
}
