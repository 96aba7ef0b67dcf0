package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Arrays in blocks that another process made, which stay that process's. */
class AttachingTest {
    private static final String NAME = "shared-by-another";

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Path file;
    private Alcove alcove;

    @BeforeEach
    void makeABlock() throws IOException {
        file = bench.memoryDirectory().resolve(NAME);
        byte[] bytes = new byte[4096];
        for (int i = 0; i < 128; i++) {
            bytes[i] = (byte) i;
        }
        Files.write(file, bytes);
        alcove = bench.open();
    }

    @AfterEach
    void isStillThere() throws IOException {
        assertEquals(4096, Files.size(file), "it belongs to somebody else");
        Files.delete(file);
    }

    @Test
    void oneMemoryIsSeenByBoth() throws IOException {
        try (SharedArray array = alcove.attach(NAME, 64, DType.UINT8, Axis.list("y x"), 2, 3)) {
            assertArrayEquals(new byte[] {64, 65, 66, 67, 68, 69}, array.toBytes());
            assertEquals("y", array.axes().get(0).name());
            assertEquals(64, array.offset());
            assertEquals(file.toRealPath(), array.file().orElseThrow());
            array.copyFrom(5, new byte[] {-1});
            assertEquals(-1, Files.readAllBytes(file)[69]);
        }
    }

    @Test
    void anOpMayReadAndWriteIt() throws Exception {
        PythonProgram.require("numpy");
        Op twice = bench.op(alcove, "twice", """
                from alcove import Array, InOut, op

                @op
                def twice(array: InOut[Array]) -> None:
                    array *= 2
                """);
        for (int i = 0; i < 2; i++) { // and again, after it was detached
            try (SharedArray array = alcove.attach(NAME, 64, DType.UINT8, List.of(), 2)) {
                twice.call(Map.of("array", array)).close();
            }
        }
        try (SharedArray array = alcove.attach(NAME, 64, DType.UINT8, List.of(), 2)) {
            assertArrayEquals(new byte[] {0, 4}, array.toBytes());
        }
    }

    @Test
    void anOpMayReturnIt() throws Exception {
        PythonProgram.require("numpy");
        Op same = bench.op(alcove, "same", """
                from alcove import Array, op

                @op
                def same(array: Array) -> Array:
                    return array
                """);
        SharedArray array = alcove.attach(NAME, 0, DType.UINT8, List.of(), 4);
        Outputs outputs = same.call(Map.of("array", array));
        array.close();
        assertArrayEquals(new byte[] {0, 1, 2, 3}, outputs.array("result").toBytes());
        outputs.close();
        assertEquals(Set.of(NAME), bench.blocks());
    }

    @Test
    void itMayBeAttachedTwice() {
        SharedArray one = alcove.attach(NAME, 0, DType.UINT8, List.of(), 4);
        try (SharedArray other = alcove.attach(NAME, 0, DType.UINT8, List.of(), 4)) {
            one.copyFrom(new byte[] {9, 8, 7, 6});
            one.close();
            assertArrayEquals(new byte[] {9, 8, 7, 6}, other.toBytes());
        }
    }

    @Test
    void aBlockOfThisManagersOwnMayBeAttachedWhileItIsOpen() {
        SharedArray own = alcove.share(DType.UINT8, new byte[] {1, 2}, "x", 2);
        String name = own.block().name;
        try (SharedArray again = alcove.attach(name, 0, DType.UINT8, List.of(), 2)) {
            own.close();
            assertArrayEquals(new byte[] {1, 2}, again.toBytes());
        }
        expectUnavailable(name, 0, 2);
    }

    @Test
    void whatIsNotThereIsUnavailable() {
        expectUnavailable("not-there", 0, 1);
        expectUnavailable(NAME, 0, 4097);
        expectUnavailable(NAME, 4096, 1);
        expectUnavailable(NAME, 64, Long.MAX_VALUE - 64);
        expectUnavailable("../memory/" + NAME, 0, 1);
        expectUnavailable("", 0, 1);
    }

    @Test
    void anOffsetIsAMultipleOf64() {
        for (long offset : new long[] {1, -64}) {
            assertThrows(IllegalArgumentException.class,
                    () -> alcove.attach(NAME, offset, DType.UINT8, List.of(), 1));
        }
    }

    private void expectUnavailable(String name, long offset, long size) {
        AlcoveException failure = assertThrows(
                AlcoveException.class, () -> alcove.attach(name, offset, DType.UINT8, List.of(), size));
        assertEquals(ErrorKind.ARRAY_UNAVAILABLE, failure.kind());
        assertTrue(failure.hint().isPresent());
        assertEquals(name, failure.data().get("block"));
    }
}
