package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A memory directory that is full, though the quota is not used up. */
class FullMemoryTest {
    private static final int MEBIBYTE = 1 << 20;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @TempDir
    private Path parent;

    private SmallFileSystem system;
    private Path directory;
    private SharedMemory memory;
    private final List<String> dropped = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        system = SmallFileSystem.mount(parent.resolve("memory"), 8);
        directory = system.directory();
        memory = SharedMemory.open(directory, 1L << 30);
        memory.onDropped(dropped::addAll);
    }

    @AfterEach
    void leavesNothing() throws IOException {
        if (system != null) {
            memory.close();
            Set<String> left = system.files();
            system.close();
            assertEquals(Set.of(), left);
        }
    }

    @Test
    void freeBlocksMakeRoom() {
        Block one = memory.allocate(3 * MEBIBYTE);
        Block other = memory.allocate(4 * MEBIBYTE);
        Block used = memory.allocate(MEBIBYTE / 2);
        one.view(0, 1).put((byte) 1); // mapped
        memory.unuse(one);
        memory.unuse(other);
        Block large = memory.allocate(7 * MEBIBYTE);
        assertEquals(Set.of(large.name, used.name, memory.prefix() + ".lease"), system.files());
        assertEquals(List.of(one.name, other.name), dropped, "the workers were not told to unmap them");
    }

    @Test
    void whatFailsLeavesNothingAndSaysWhatToDo() throws IOException {
        Block block = memory.allocate(5 * MEBIBYTE);
        AlcoveException failure = assertThrows(AlcoveException.class, () -> memory.allocate(4 * MEBIBYTE));
        assertEquals(ErrorKind.OUT_OF_SHARED_MEMORY, failure.kind());
        assertEquals(4L * MEBIBYTE, failure.data().get("wanted_bytes"));
        assertEquals(directory.toRealPath().toString(), failure.data().get("directory"));
        assertTrue(failure.hint().orElseThrow().contains("ALCOVE_MEMORY_DIR"));
        assertEquals(Set.of(block.name, memory.prefix() + ".lease"), system.files());
        assertEquals(2 * MEBIBYTE, memory.allocate(2 * MEBIBYTE).size);
    }

    @Test
    void viewsThatNobodyHoldsMakeRoom() {
        for (int i = 0; i < 10; i++) {
            wrapAndDrop();
        }
    }

    private void wrapAndDrop() {
        try (SharedArray array = new SharedArray(
                memory, memory.allocate(5 * MEBIBYTE), 0, DType.UINT8, new long[] {5 * MEBIBYTE}, List.of())) {
            ByteBuffer view = array.buffer(0, 100);
            view.put(99, (byte) 1);
        }
    }

    @Test
    void whenOthersMakeRoomTheNextTryWorks() throws IOException {
        Path file = system.fill(5);
        try (SharedMemory other = SharedMemory.open(directory, 5 * MEBIBYTE)) {
            assertThrows(AlcoveException.class, () -> other.allocate(4 * MEBIBYTE));
            Files.delete(file);
            assertEquals(4 * MEBIBYTE, other.allocate(4 * MEBIBYTE).size, "what failed is not counted");
        }
    }

    @Test
    void aFolderThatIsGoneIsNoFullMemory() throws IOException {
        Block block = memory.allocate(1);
        memory.unuse(block);
        memory.trim();
        Path gone = Files.createDirectory(parent.resolve("gone"));
        try (SharedMemory other = SharedMemory.open(gone, MEBIBYTE)) {
            other.prefix();
            Folders.delete(gone);
            AlcoveException failure = assertThrows(AlcoveException.class, () -> other.allocate(1));
            assertTrue(failure.getMessage().contains("cannot be used"), failure.getMessage());
        }
    }

    @Test
    void aWorkerThatFindsNoRoomFindsItTheNextTime() throws Exception {
        PythonProgram.require("numpy");
        try (Alcove alcove = Alcove.open(
                new Settings().dataDirectory(Workbench.dataDirectory()).memoryDirectory(directory))) {
            Op make = bench.op(alcove, "make", """
                    import numpy
                    from alcove import Array, op

                    @op
                    def make(size: int) -> Array:
                        return numpy.full(size, 7, "uint8")
                    """);
            // The manager's quota is half of the file system; a free block of 3 MiB and one in use leave less than 4.
            try (SharedArray used = alcove.allocate(DType.UINT8, List.of(), MEBIBYTE)) {
                alcove.allocate(DType.UINT8, List.of(), 3 * MEBIBYTE).close();
                Path file = system.fill(2);
                AlcoveException failure =
                        assertThrows(AlcoveException.class, () -> make.call(Map.of("size", 4 * MEBIBYTE)));
                assertEquals(ErrorKind.OUT_OF_SHARED_MEMORY, failure.kind());
                try (Outputs outputs = make.call(Map.of("size", 4 * MEBIBYTE))) {
                    byte[] last = new byte[1];
                    outputs.array("result").copyTo(4 * MEBIBYTE - 1, last);
                    assertArrayEquals(new byte[] {7}, last);
                }
                assertEquals(MEBIBYTE, used.size());
                Files.delete(file);
            }
        }
    }
}
