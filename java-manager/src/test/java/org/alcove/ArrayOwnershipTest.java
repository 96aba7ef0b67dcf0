package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whose memory the arrays of calls are in, and when it is used again. */
class ArrayOwnershipTest {
    private static final String ADD = ArrayCallingTest.ADD;
    private static final String IDENTITY = ArrayCallingTest.IDENTITY;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @BeforeAll
    static void requireNumpy() throws Exception {
        PythonProgram.require("numpy");
    }

    @Test
    void anOutputThatIsTheInputIsNotCopied() {
        Alcove alcove = bench.open();
        Op identity = bench.op(alcove, "identity", IDENTITY);
        SharedArray array = alcove.share(DType.UINT8, new byte[] {1, 2, 3}, "x", 3);
        Outputs outputs = identity.call(Map.of("array", array));
        assertEquals(array.block().name, outputs.array("result").block().name);
        String name = array.block().name;
        array.close();
        assertArrayEquals(new byte[] {1, 2, 3}, outputs.array("result").toBytes());
        try (SharedArray other = alcove.share(DType.UINT8, new byte[3], "x", 3)) {
            assertNotEquals(name, other.block().name, "the block is still in use");
        }
        outputs.close();
        assertTrue(namesOfFreeBlocks(alcove).contains(name));
    }

    @Test
    void aViewOfTheInputIsNotCopied() {
        Alcove alcove = bench.open();
        Op rows = bench.op(alcove, "rows", """
                from alcove import Array, op

                @op
                def rows(array: Array) -> Array:
                    return array[64:]
                """);
        byte[] bytes = new byte[128];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        try (SharedArray array = alcove.share(DType.UINT8, bytes, "x", 128);
                Outputs outputs = rows.call(Map.of("array", array))) {
            SharedArray view = outputs.array("result");
            assertEquals(array.block().name, view.block().name);
            assertEquals(64, view.offset());
            assertArrayEquals(Arrays.copyOfRange(bytes, 64, 128), view.toBytes());
        }
    }

    @Test
    void anOutputMayBeAnInput() {
        Alcove alcove = bench.open();
        Op add = bench.op(alcove, "add", ADD);
        try (SharedArray array = alcove.share(DType.UINT8, new byte[] {1}, "x", 1);
                Outputs once = add.call(Map.of("array", array));
                Outputs twice = add.call(Map.of("array", once.array("result")))) {
            assertArrayEquals(new byte[] {3}, twice.array("result").toBytes());
            once.close();
            assertArrayEquals(new byte[] {3}, twice.array("result").toBytes());
        }
    }

    @Test
    void aSteadyStreamOfImagesStaysInTheSameBlocks() {
        Alcove alcove = bench.open();
        Op add = bench.op(alcove, "add", ADD);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int[] elements = IntStream.range(i, i + 10000).toArray();
            try (SharedArray array = alcove.share(DType.INT32, elements, "x", 10000);
                    Outputs outputs = add.call(Map.of("array", array))) {
                assertEquals(i + 10000, outputs.array("result").toInts()[9999]);
                names.add(array.block().name);
                names.add(outputs.array("result").block().name);
            }
        }
        // The release of an output and the next call may overtake nothing: one block of each side is enough.
        assertEquals(2, new HashSet<>(names).size(), names::toString);
        assertEquals(new HashSet<>(names), bench.blocks());
    }

    @Test
    void anInputMayBeClosedAsSoonAsTheCallIsUnderWay() {
        Alcove alcove = bench.open();
        Op add = bench.op(alcove, "add", ADD);
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            try (SharedArray array = alcove.share(DType.INT32, new int[] {i}, "x", 1)) {
                calls.add(add.callAsync(Map.of("array", array)));
            }
        }
        for (int i = 0; i < 50; i++) {
            try (Outputs outputs = calls.get(i).await()) {
                assertArrayEquals(new int[] {i + 1}, outputs.array("result").toInts());
            }
        }
    }

    @Test
    void aClosedInputIsRefusedAtOnce() {
        Alcove alcove = bench.open();
        Op add = bench.op(alcove, "add", ADD);
        SharedArray array = alcove.share(DType.INT32, new int[1], "x", 1);
        array.close();
        assertThrows(IllegalStateException.class, () -> add.call(Map.of("array", array)));
        assertThrows(IllegalStateException.class, () -> add.callAsync(Map.of("array", array)));
        Op pair = bench.op(alcove, "pair", """
                from alcove import Array, op

                @op
                def pair(one: Array, two: Array) -> None:
                    pass
                """);
        SharedArray open = alcove.share(DType.INT32, new int[1], "x", 1);
        Map<String, Object> inputs = new LinkedHashMap<>();
        inputs.put("one", open);
        inputs.put("two", array);
        assertThrows(IllegalStateException.class, () -> pair.call(inputs));
        String name = open.block().name;
        open.close();
        assertTrue(namesOfFreeBlocks(alcove).contains(name), "the refused call still holds its other array");
    }

    @Test
    void outputsMayBeClosedTwiceAndLate() {
        Alcove alcove = bench.open();
        Op add = bench.op(alcove, "add", ADD);
        Outputs outputs;
        try (SharedArray array = alcove.share(DType.INT32, new int[1], "x", 1)) {
            outputs = add.call(Map.of("array", array));
        }
        Outputs late = outputs;
        outputs.close();
        outputs.close();
        assertThrows(IllegalStateException.class, () -> late.array("result").toInts());
    }

    @Test
    void whatAnOpKeepsIsNotOverwritten() {
        Alcove alcove = bench.open();
        Op remember = bench.op(alcove, "remember", """
                from alcove import Array, op

                memory = []

                @op
                def remember(array: Array) -> int:
                    memory.append(array)
                    return len(memory)

                @op
                def recall(index: int) -> Array:
                    return memory[index]
                """);
        Op recall = alcove.op(bench.folder().resolve("remember.py"), "recall", Workbench.python());
        // Again and again: an answer may come before or after the worker hears that the host has dropped the block.
        for (int i = 0; i < 30; i++) {
            try (SharedArray array = alcove.share(DType.INT32, new int[] {i}, "x", 1)) {
                remember.call(Map.of("array", array)).close();
            }
            try (Outputs outputs = recall.call(Map.of("index", i))) {
                assertArrayEquals(new int[] {i}, outputs.array("result").toInts());
            }
        }
        for (int i = 0; i < 30; i++) {
            try (Outputs outputs = recall.call(Map.of("index", i))) {
                assertArrayEquals(new int[] {i}, outputs.array("result").toInts());
            }
        }
    }

    @Test
    void anOpMayReturnTheSameArrayAgainAndAgain() {
        Alcove alcove = bench.open();
        Op cached = bench.op(alcove, "cached", """
                import alcove
                from alcove import Array, op

                cache = {}

                @op
                def cached() -> Array:
                    if not cache:
                        cache["table"] = alcove.empty((4,), "uint8")
                        cache["table"][:] = 7
                    return cache["table"]
                """);
        for (int i = 0; i < 3; i++) {
            try (Outputs one = cached.call(Map.of());
                    Outputs other = cached.call(Map.of())) {
                assertArrayEquals(new byte[] {7, 7, 7, 7}, one.array("result").toBytes());
                one.close();
                assertArrayEquals(new byte[] {7, 7, 7, 7}, other.array("result").toBytes());
            }
        }
        assertEquals(1, bench.blocks().size());
    }

    @Test
    void aFailedCallGivesItsInputsBack() {
        Alcove alcove = bench.open();
        Op fail = bench.op(alcove, "fail", """
                from alcove import Array, op

                @op
                def fail(array: Array) -> Array:
                    local = array[1:]
                    raise ValueError("no")
                """);
        String name;
        try (SharedArray array = alcove.share(DType.INT32, new int[2], "x", 2)) {
            name = array.block().name;
            assertThrows(AlcoveException.class, () -> fail.call(Map.of("array", array)));
        }
        assertTrue(namesOfFreeBlocks(alcove).contains(name), "the traceback kept the array");
    }

    @Test
    void outputsLeftOpenAreGoneWithTheirManager() {
        Alcove alcove = bench.open();
        SharedArray array = alcove.share(DType.INT32, new int[1], "x", 1);
        Outputs outputs = bench.op(alcove, "add", ADD).call(Map.of("array", array));
        assertFalse(bench.blocks().isEmpty());
        alcove.close();
        assertEquals(Set.of(), bench.memoryFiles());
        outputs.close();
        array.close();
    }

    private static Set<String> namesOfFreeBlocks(Alcove alcove) {
        List<SharedArray> taken = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            SharedArray array = alcove.allocate(DType.UINT8, List.of(), 1);
            taken.add(array);
            names.add(array.block().name);
        }
        taken.forEach(SharedArray::close);
        return names;
    }
}
