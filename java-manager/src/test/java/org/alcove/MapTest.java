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
                LongStream.range(0, 2500).mapToObj(i -> List.of(i, i % 1200)).toList();
        Rows answer = bench.op("divide", DIVIDE).map(List.of("a", "b"), rows, Map.of());
        assertEquals(2500, answer.rows().size());
        for (int i = 0; i < 2500; i++) {
            if (i % 1200 == 0) {
                assertNull(answer.rows().get(i));
                AlcoveException error = answer.errors().get(i);
                assertEquals(ErrorKind.OP_FAILED, error.kind());
                assertEquals("ZeroDivisionError", error.data().get("type"));
                assertEquals((long) i, error.data().get("row"));
            } else {
                assertEquals((long) i / (i % 1200), answer.rows().get(i).get(0));
            }
        }
        assertEquals(Set.of(0, 1200, 2400), answer.errors().keySet());
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
        List<List<Integer>> rows = new ArrayList<>(Collections.nCopies(1500, List.of(1, 1)));
        rows.set(1100, List.of(1, 0));
        rows.set(1200, List.of(1, 0));
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> count.mapOrThrow(List.of("a", "b"), rows, Map.of()));
        assertEquals(ErrorKind.OP_FAILED, failure.kind());
        assertEquals(1100L, failure.data().get("row"));
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
        List<List<Integer>> rows = Collections.nCopies(3000, List.of(1, 1));
        bench.op(alcove, "divide", DIVIDE).map(List.of("a", "b"), rows, Map.of());
        assertEquals(fractions.stream().sorted().toList(), fractions);
        assertEquals(1.0, fractions.get(fractions.size() - 1));
        assertTrue(fractions.stream().anyMatch(fraction -> fraction > 0.3 && fraction < 0.4), fractions::toString);
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
