package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ops that change what they are given: computers and inplace ops. */
class WrittenArraysTest {
    private static final String PLUS = """
            from alcove import Array, Out, op

            @op
            def plus(array: Array, out: Out[Array], value: int = 1) -> None:
                out[...] = array + value
            """;
    private static final String DOUBLE = """
            from alcove import Array, InOut, op, progress

            @op
            def double(array: InOut[Array], pause: bool = False) -> None:
                progress(message="begun")
                while pause:
                    progress(message="waiting")
                array *= 2
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @BeforeAll
    static void requireNumpy() throws Exception {
        PythonProgram.require("numpy");
    }

    @Test
    void aComputerFillsTheArrayThatItIsGiven() {
        Alcove alcove = bench.open();
        Op plus = bench.op(alcove, "plus", PLUS);
        assertEquals("out", plus.inputs().get(1).direction().orElseThrow());
        try (SharedArray array = alcove.share(DType.INT32, new int[] {1, 2, 3}, "x", 3);
                SharedArray out = alcove.allocate(DType.INT32, List.of(), 3)) {
            for (int value = 10; value < 13; value++) {
                try (Outputs outputs = plus.call(Map.of("array", array, "out", out, "value", value))) {
                    assertEquals(Set.of(), outputs.names());
                }
                assertArrayEquals(new int[] {value + 1, value + 2, value + 3}, out.toInts());
            }
            assertArrayEquals(new int[] {1, 2, 3}, array.toInts());
        }
    }

    @Test
    void anInplaceOpChangesTheArrayThatItIsGiven() {
        Alcove alcove = bench.open();
        Op twice = bench.op(alcove, "double", DOUBLE);
        try (SharedArray array = alcove.share(DType.INT32, new int[] {1, 2, 3}, "x", 3)) {
            twice.call(Map.of("array", array)).close();
            twice.callAsync(Map.of("array", array)).await().close();
            assertArrayEquals(new int[] {4, 8, 12}, array.toInts());
        }
    }

    @Test
    void whatAWorkerMadeCanBeWrittenInAnother() {
        Alcove alcove = bench.open();
        Op make = bench.op(alcove, "make", """
                import numpy
                from alcove import Array, op

                @op
                def make() -> Array:
                    return numpy.arange(3)
                """);
        Op twice = alcove.op(bench.file("double.py", DOUBLE), "double", bench.otherPython());
        try (Outputs outputs = make.call(Map.of())) {
            twice.call(Map.of("array", outputs.array("result"))).close();
            assertArrayEquals(new long[] {0, 2, 4}, outputs.array("result").toLongs());
        }
    }

    @Test
    void anArrayWithoutElementsIsWrittenToAsWell() {
        Alcove alcove = bench.open();
        Op twice = bench.op(alcove, "double", DOUBLE);
        try (SharedArray array = alcove.allocate(DType.INT32, List.of(), 0)) {
            twice.call(Map.of("array", array)).close();
        }
    }

    @Test
    void oneArrayIsNotReadAndWrittenInOneCall() {
        Alcove alcove = bench.open();
        Op plus = bench.op(alcove, "plus", PLUS);
        try (SharedArray array = alcove.share(DType.INT32, new int[] {1, 2, 3}, "x", 3)) {
            AlcoveException failure =
                    assertThrows(AlcoveException.class, () -> plus.call(Map.of("array", array, "out", array)));
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertTrue(failure.getMessage().contains("writes to it"), failure.getMessage());
            assertTrue(failure.hint().isPresent());
            assertArrayEquals(new int[] {1, 2, 3}, array.toInts());
        }
        try (SharedArray next = alcove.share(DType.INT32, new int[] {1, 2, 3}, "x", 3);
                SharedArray out = alcove.allocate(DType.INT32, List.of(), 3)) {
            plus.call(Map.of("array", next, "out", out)).close();
            assertEquals(2, bench.blocks().size(), "the refused call still holds its array");
        }
    }

    @Test
    void nobodyElseHasAnArrayThatACallWritesTo() throws Exception {
        Alcove alcove = bench.open();
        Op twice = bench.op(alcove, "double", DOUBLE);
        Op plus = bench.op(alcove, "plus", PLUS);
        try (SharedArray array = alcove.share(DType.INT32, new int[] {1, 2, 3}, "x", 3);
                SharedArray out = alcove.allocate(DType.INT32, List.of(), 3)) {
            CountDownLatch begun = new CountDownLatch(1);
            Call writing = twice.callAsync(Map.of("array", array, "pause", true)).onProgress(said -> begun.countDown());
            begun.await();
            for (Map<String, Object> inputs :
                    List.<Map<String, Object>>of(Map.of("array", array, "out", out), Map.of("array", out, "out", array))) {
                AlcoveException failure = assertThrows(AlcoveException.class, () -> plus.callAsync(inputs));
                assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            }
            writing.cancel();
            assertThrows(CancelledException.class, writing::await);
            plus.call(Map.of("array", out, "out", array)).close();
        }
    }

    @Test
    void whoReadsKeepsWritersOut() throws Exception {
        Alcove alcove = bench.open();
        Op read = bench.op(alcove, "read", """
                from alcove import Array, op, progress

                @op
                def read(array: Array) -> None:
                    while True:
                        progress(message="reading")
                """);
        Op twice = bench.op(alcove, "double", DOUBLE);
        try (SharedArray array = alcove.share(DType.INT32, new int[] {1, 2, 3}, "x", 3)) {
            CountDownLatch begun = new CountDownLatch(1);
            Call reading = read.callAsync(Map.of("array", array)).onProgress(said -> begun.countDown());
            Call another = read.callAsync(Map.of("array", array)); // two readers are no trouble
            begun.await();
            AlcoveException failure = assertThrows(AlcoveException.class, () -> twice.call(Map.of("array", array)));
            assertEquals("inputs.array", failure.data().get("path"));
            another.cancel();
            reading.cancel();
            assertThrows(CancelledException.class, reading::await);
            assertThrows(CancelledException.class, another::await);
            twice.call(Map.of("array", array)).close();
            assertArrayEquals(new int[] {2, 4, 6}, array.toInts());
        }
    }
}
