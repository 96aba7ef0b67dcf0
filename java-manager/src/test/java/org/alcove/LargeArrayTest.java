package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An image of 2.5 GiB, which no Java array or buffer can hold: made in Java, computed on in Python, read in Java. */
class LargeArrayTest {
    private static final long[] SHAPE = {5, 1 << 15, 1 << 14};
    private static final long BYTES = 5L << 29;
    private static final long NEEDED_BYTES = 2 * BYTES + (2L << 30); // input, output, and a rest for the others

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Path directory;

    @BeforeEach
    void requireMemory() throws Exception {
        PythonProgram.require("numpy");
        Path shared = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(shared), "there is no /dev/shm; on disk this would take minutes");
        requireBytes(BlockFiles.freeBytes(shared), "/dev/shm has");
        requireBytes(availableMemory(), "the machine has");
        directory = Files.createTempDirectory(shared, "alcove-test-");
    }

    @AfterEach
    void leavesNothing() throws IOException {
        if (directory != null) {
            try (Stream<Path> files = Files.list(directory)) {
                assertEquals(List.of(), files.toList());
            } finally {
                Folders.delete(directory);
            }
        }
    }

    @Test
    void anImageBeyondTwoGibibytesIsComputedOn() {
        try (Alcove alcove = Alcove.open(
                        new Settings().dataDirectory(Workbench.dataDirectory()).memoryDirectory(directory));
                SharedArray image = alcove.allocate(DType.UINT8, Axis.list("z y x"), SHAPE)) {
            fill(image);
            Op add = bench.op(alcove, "add", """
                    import numpy
                    import alcove
                    from alcove import Array, op

                    @op
                    def add(image: Array, value: int) -> Array:
                        result = alcove.empty(image.shape, image.dtype)
                        numpy.add(image, image.dtype.type(value), out=result)
                        return result
                    """);
            try (Outputs outputs = add.call(Map.of("image", image, "value", 1))) {
                SharedArray result = outputs.array("result");
                assertEquals(BYTES, result.size());
                assertArrayEquals(SHAPE, result.shape());
                assertEquals(0, wrongEights(result));
                for (long border : new long[] {0, 1L << 30, 1L << 31, BYTES - 2}) {
                    byte[] around = new byte[2];
                    result.copyTo(Math.max(border - 1, 0), around);
                    for (int i = 0; i < 2; i++) {
                        assertEquals(value(Math.max(border - 1, 0) + i) + 1, around[i]);
                    }
                }
            }
        }
    }

    /** Eight pixels at a position that is a multiple of eight; each is less than 127, so that one more is no carry. */
    private static long eight(long position) {
        return position * 0x9E3779B97F4A7C15L >>> 3 & 0x7E7E7E7E7E7E7E7EL;
    }

    private static byte value(long position) {
        return (byte) (eight(position & -8) >>> 8 * (position & 7));
    }

    private static void fill(SharedArray image) {
        long[] position = {0};
        image.forEachChunk(chunk -> {
            long start = position[0];
            for (int i = 0; i < chunk.capacity(); i += 8) {
                chunk.putLong(i, eight(start + i));
            }
            position[0] += chunk.capacity();
        });
    }

    private static long wrongEights(SharedArray result) {
        long[] state = {0, 0};
        result.forEachChunk(chunk -> {
            long start = state[0];
            long wrong = 0;
            for (int i = 0; i < chunk.capacity(); i += 8) {
                wrong += chunk.getLong(i) == eight(start + i) + 0x0101010101010101L ? 0 : 1;
            }
            state[0] += chunk.capacity();
            state[1] += wrong;
        });
        return state[1];
    }

    private static void requireBytes(long bytes, String who) {
        assumeTrue(bytes >= NEEDED_BYTES,
                () -> String.format("%s %.1f GiB free; %.1f are needed", who, bytes / 0x1p30, NEEDED_BYTES / 0x1p30));
    }

    private static long availableMemory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        return Long.MAX_VALUE; // it does not say
    }
}
