package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Small ops over many rows. */
class MapTest {
    private static final String DIVIDE = """
            from typing import NamedTuple
            from alcove import op

            class Division(NamedTuple):
                whole: int
                rest: float

            @op
            def divide(a: int, b: int, scale: float = 1.0) -> Division:
                return Division(a // b, a % b * scale)
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @Test
    void eachRowGivesItsOutputs() {
        Rows rows = bench.op("divide", DIVIDE)
                .map(List.of("b", "a"), List.of(List.of(2, 7), List.of(3, 7)), Map.of("scale", 10));
        assertEquals(List.of("whole", "rest"), rows.columns());
        assertEquals(List.of(List.of(3L, 10.0), List.of(2L, 10.0)), rows.rows());
        assertEquals(Map.of(), rows.errors());
        assertEquals(List.of(3L, 2L), rows.column("whole"));
    }

    @Test
    void noRowsGiveNone() {
        Rows rows = bench.op("divide", DIVIDE).map(List.of("b", "a"), List.of(), Map.of());
        assertEquals(new Rows(List.of("whole", "rest"), List.of(), Map.of()), rows);
    }

    @Test
    void manyRowsKeepTheirOrderOverSeveralRequests() {
        List<List<Long>> rows =
                LongStream.range(0, 9000).mapToObj(i -> List.of(i, i % 4200)).toList();
        Rows answer = bench.op("divide", DIVIDE).map(List.of("a", "b"), rows, Map.of());
        assertEquals(9000, answer.rows().size());
        for (int i = 0; i < 9000; i++) {
            if (i % 4200 == 0) {
                assertNull(answer.rows().get(i));
                AlcoveException error = answer.errors().get(i);
                assertEquals(ErrorKind.OP_FAILED, error.kind());
                assertEquals("ZeroDivisionError", error.data().get("type"));
                assertEquals((long) i, error.data().get("row"));
            } else {
                assertEquals((long) i / (i % 4200), answer.rows().get(i).get(0));
            }
        }
        assertEquals(Set.of(0, 4200, 8400), answer.errors().keySet());
    }

    @Test
    void rowsOfTheWrongLengthOrTypeFailAlone() {
        List<List<?>> rows = new ArrayList<>(Collections.nCopies(1500, List.of(1, 1)));
        rows.set(1, List.of(1));
        rows.set(2, List.of(1, 1.0));
        rows.set(1499, List.of());
        Rows answer = bench.op("divide", DIVIDE).map(List.of("a", "b"), rows, Map.of());
        assertEquals(Set.of(1, 2, 1499), answer.errors().keySet());
        answer.errors().values().forEach(error -> assertEquals(ErrorKind.INVALID_PARAMS, error.kind()));
        assertEquals("inputs.b", answer.errors().get(2).data().get("path"));
        AlcoveException last = answer.errors().get(1499);
        assertEquals("rows[1499]", last.data().get("path"));
        assertTrue(last.getMessage().contains("rows[1499]"), last.getMessage());
    }

    @Test
    void theFirstFailureEndsItWhereThatIsWanted() {
        Op count = bench.op("divide", DIVIDE);
        List<List<Integer>> rows = new ArrayList<>(Collections.nCopies(6000, List.of(1, 1)));
        rows.set(5100, List.of(1, 0));
        rows.set(5200, List.of(1, 0));
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> count.mapOrThrow(List.of("a", "b"), rows, Map.of()));
        assertEquals(ErrorKind.OP_FAILED, failure.kind());
        assertEquals(5100L, failure.data().get("row"));
        assertEquals(1000, count.mapOrThrow(List.of("a", "b"), rows.subList(0, 1000), Map.of()).rows().size());
    }

    @Test
    void wideRowsGoInSmallerRequests() {
        Op length = bench.op("length", """
                from alcove import op

                @op
                def length(text: str) -> int:
                    return len(text)
                """);
        String text = "x".repeat(3 << 20);
        Rows rows = length.map(List.of("text"), Collections.nCopies(12, List.of(text)), Map.of());
        assertEquals(Collections.nCopies(12, (long) text.length()), rows.column("result"));
    }

    @Test
    void valuesThatJsonLacksArrive() {
        Op same = bench.op("same", """
                from typing import Any
                from alcove import op

                @op
                def same(value: Any) -> Any:
                    return value
                """);
        List<Object> values = java.util.Arrays.asList(
                Double.NaN, Double.NEGATIVE_INFINITY, -0.0, new Complex(1, -2), "\uD800", null, true,
                java.math.BigInteger.TWO.pow(200));
        Rows rows = same.map(List.of("value"), values.stream().map(Collections::singletonList).toList(), Map.of());
        assertEquals(values, rows.column("result"));
    }

    @Test
    void whatIsWrongForAllRowsIsSaidBeforeAnythingIsSent() {
        Op divide = bench.op("divide", DIVIDE);
        record Wrong(List<String> columns, List<?> row, Map<String, ?> common, String path) {}
        for (Wrong wrong : List.of(
                new Wrong(List.of("a"), List.of(1), Map.of(), "inputs.b"),
                new Wrong(List.of("a", "c"), List.of(1, 1), Map.of("b", 1), "inputs.c"),
                new Wrong(List.of("a", "a"), List.of(1, 1), Map.of("b", 1), "columns"),
                new Wrong(List.of("a", "b"), List.of(1, 1), Map.of("b", 1), "columns"),
                new Wrong(List.of("a"), List.of(1), Map.of("b", "1"), "inputs.b"),
                new Wrong(List.of("a", "b"), List.of(1, new Object()), Map.of(), "rows[0][1]"))) {
            AlcoveException failure = assertThrows(
                    AlcoveException.class, () -> divide.map(wrong.columns, List.of(wrong.row), wrong.common), wrong::toString);
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertEquals(wrong.path, failure.data().get("path"));
        }
    }

    @Test
    void anArrayInARowIsRefused() {
        Alcove alcove = bench.open();
        Op divide = bench.op(alcove, "divide", DIVIDE);
        try (SharedArray array = alcove.allocate(DType.INT8, List.of(), 3)) {
            AlcoveException failure = assertThrows(
                    AlcoveException.class, () -> divide.map(List.of("a"), List.of(List.of(array)), Map.of("b", 1)));
            assertEquals("rows[0]", failure.data().get("path"));
        }
    }

    @Test
    void anArrayThatAllRowsHaveInCommonIsSentOnceForEachRequest() throws Exception {
        PythonProgram.require("numpy");
        Alcove alcove = bench.open();
        Op at = bench.op(alcove, "at", """
                from alcove import Array, op

                @op
                def at(array: Array, index: int) -> int:
                    return int(array[index])
                """);
        try (SharedArray array = alcove.share(DType.INT32, new int[] {5, 6, 7}, "x", 3)) {
            Rows rows = at.map(List.of("index"), List.of(List.of(2), List.of(0), List.of(3)), Map.of("array", array));
            assertEquals(java.util.Arrays.asList(7L, 5L, null), rows.column("result"));
            assertEquals(1, bench.blocks().size());
        }
    }

    @Test
    void progressCountsAllRows() {
        List<Double> fractions = Collections.synchronizedList(new ArrayList<>());
        Alcove alcove = bench.open(progress -> progress.fraction().ifPresent(fractions::add));
        List<List<Integer>> rows = Collections.nCopies(10_000, List.of(1, 1));
        bench.op(alcove, "divide", DIVIDE).map(List.of("a", "b"), rows, Map.of());
        assertEquals(fractions.stream().sorted().toList(), fractions);
        assertEquals(1.0, fractions.get(fractions.size() - 1));
        assertTrue(fractions.stream().anyMatch(fraction -> fraction > 0.4 && fraction < 0.42), fractions::toString);
    }

    @Test
    void interruptingTheThreadCancelsIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Alcove alcove = bench.open(progress -> begun.countDown());
        Op op = bench.op(alcove, "wait", """
                import time
                from alcove import op, progress

                @op
                def wait(seconds: float) -> None:
                    progress(message="begun")
                    end = time.monotonic() + seconds
                    while time.monotonic() < end:
                        progress()
                """);
        AtomicReference<Throwable> outcome = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                op.map(List.of("seconds"), Collections.nCopies(5, List.of(1000.0)), Map.of());
            } catch (Throwable e) {
                outcome.set(e);
            }
        });
        thread.start();
        begun.await();
        thread.interrupt();
        thread.join();
        assertEquals(CancelledException.class, outcome.get().getClass());
        Rows after = op.map(List.of("seconds"), List.of(List.of(0)), Map.of());
        assertEquals(1, after.rows().size(), "the worker goes on");
    }

    @Test
    void manyRowsMeanWhatFewDo() {
        Op describe = bench.op("describe", """
                from typing import Any
                from alcove import op

                @op
                def describe(value: Any, number: float = 0) -> str:
                    return f"{value!r} {number!r}"
                """);
        record Cell(Object given, String seen) {}
        List<Cell> cells = List.of(
                new Cell((byte) -1, "-1"), new Cell((short) 2, "2"), new Cell(3, "3"), new Cell(Long.MIN_VALUE, "" + Long.MIN_VALUE),
                new Cell(0.5, "0.5"), new Cell(0.5f, "0.5"), new Cell(Double.NaN, "nan"), new Cell(true, "True"),
                new Cell(false, "False"), new Cell("a", "'a'"), new Cell(new Complex(1, 2), "(1+2j)"));
        for (Cell cell : cells) {
            Rows rows = describe.map(List.of("value"), Collections.nCopies(200, List.of(cell.given)), Map.of());
            assertEquals(Collections.nCopies(200, cell.seen + " 0"), rows.column("result"), cell::toString);
        }
        List<List<Object>> mixed = new ArrayList<>(Collections.nCopies(200, List.of(1, 1)));
        mixed.set(150, List.of(2.0, 2.5));
        mixed.set(160, List.of(true, 1L << 60));
        List<Object> seen = describe.map(List.of("value", "number"), mixed, Map.of()).column("result");
        assertEquals(List.of("1 1.0", "2.0 2.5", "True 1.152921504606847e+18"),
                List.of(seen.get(0), seen.get(150), seen.get(160)));
    }

    @Test
    void whatManyRowsReturnIsWhatFewDo() {
        Op half = bench.op("half", """
                from typing import Optional
                from alcove import op

                @op
                def half(value: int, floats: bool, none: int = -1) -> Optional[float]:
                    return None if value == none else value / 2 if floats else value // 2
                """);
        List<List<Integer>> rows = IntStream.range(0, 5000).mapToObj(List::of).toList();
        assertEquals(
                LongStream.range(0, 5000).boxed().map(i -> i / 2).toList(),
                half.map(List.of("value"), rows, Map.of("floats", false)).column("result"));
        List<Object> floats = half.map(List.of("value"), rows, Map.of("floats", true, "none", 7)).column("result");
        assertEquals(java.util.Arrays.asList(3.0, null, 4.0), floats.subList(6, 9));
        assertEquals(2499.5, floats.get(4999));
        Rows answer = half.map(List.of("value"), rows, Map.of("floats", true));
        assertThrows(UnsupportedOperationException.class, () -> answer.rows().get(1).set(0, 1.0));
        assertThrows(UnsupportedOperationException.class, () -> answer.rows().remove(0));
        assertThrows(IndexOutOfBoundsException.class, () -> answer.rows().get(5000));
    }

    @Test
    void manyRowsForAnOpThatReturnsNothing() {
        Op ignore = bench.op("ignore", """
                from alcove import op

                @op
                def ignore(value: int) -> None:
                    1 / value
                """);
        List<List<Integer>> rows = IntStream.range(0, 200).mapToObj(List::of).toList();
        Rows answer = ignore.map(List.of("value"), rows, Map.of());
        assertEquals(Set.of(0), answer.errors().keySet());
        assertNull(answer.rows().get(0));
        assertEquals(Collections.nCopies(199, List.of()), answer.rows().subList(1, 200));
    }

    @Test
    void withoutRoomRowsAreSentAsTexts() throws Exception {
        List<List<Integer>> rows = Collections.nCopies(5000, List.of(1, 1));
        try (SharedMemory small = SharedMemory.open(bench.memoryDirectory(), 50_000)) {
            assertNull(new NumberColumns(small, List.of(false, false)).of(rows), "the second array has no room");
            try (SharedArray first = NumberColumns.allocate(small, DType.INT64, 5000)) {
                assertEquals(5000, first.size(), "the first was given back");
            }
        }
    }

    @Test
    void anOpThatReturnsAnArrayFailsItsRow() throws Exception {
        PythonProgram.require("numpy");
        Op zeros = bench.op("zeros", """
                import numpy
                from alcove import Array, op

                @op
                def zeros(size: int) -> Array:
                    return numpy.zeros(size)
                """);
        Rows rows = zeros.map(List.of("size"), List.of(List.of(3)), Map.of());
        assertEquals(
                Set.of(ErrorKind.UNENCODABLE_OUTPUT),
                rows.errors().values().stream().map(AlcoveException::kind).collect(Collectors.toSet()));
    }
}
