package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Small ops over many rows that lie in arrays. */
class MapArraysTest {
    private static final String OPS = """
            from typing import Any, NamedTuple
            from alcove import op

            class Division(NamedTuple):
                whole: int
                rest: float
                even: bool

            @op
            def divide(a: int, b: int) -> Division:
                return Division(a // b, a % b, a % 2 == 0)

            @op
            def describe(value: Any) -> str:
                return repr(value)

            @op
            def widen(value: int) -> int:
                return value if value < 5000 else value + (1 << 62) * 4

            @op
            def hang(value: int) -> int:
                while value == 6000:
                    pass
                return value
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @Test
    void eachOutputIsAnArrayOverAllRequests() {
        long[] a = LongStream.range(0, 10_000).toArray();
        int[] b = IntStream.range(0, 10_000).map(i -> i % 7 + 1).toArray();
        try (Columns columns = bench.op("divide", OPS).mapArrays(Map.of("a", a, "b", b), Map.of())) {
            assertEquals(List.of("whole", "rest", "even"), columns.names());
            assertArrayEquals(IntStream.range(0, 10_000).mapToLong(i -> i / b[i]).toArray(), columns.array("whole").toLongs());
            assertArrayEquals(
                    IntStream.range(0, 10_000).mapToDouble(i -> i % b[i]).toArray(), columns.array("rest").toDoubles());
            assertEquals(DType.BOOL, columns.array("even").dtype());
            assertEquals(1, columns.array("even").toBytes()[9998]);
            assertEquals(Map.of(), columns.errors());
            assertThrows(IllegalArgumentException.class, () -> columns.array("other"));
        }
    }

    @Test
    void sharedArraysAreReadWhereTheyLie() {
        Alcove alcove = bench.open();
        Op divide = bench.op(alcove, "divide", OPS);
        try (SharedArray a = alcove.share(DType.UINT16, new short[] {7, 8, -1}, "x", 3)) {
            for (int i = 0; i < 2; i++) {
                try (Columns columns = divide.mapArrays(Map.of("a", a), Map.of("b", 2))) {
                    assertArrayEquals(new long[] {3, 4, 32767}, columns.array("whole").toLongs());
                }
            }
            assertEquals(3, a.toShorts().length, "it is the caller's");
        }
    }

    @Test
    void rowsFailAlone() {
        long[] b = LongStream.range(0, 9000).map(i -> i % 4500).toArray();
        Op divide = bench.op("divide", OPS);
        try (Columns columns = divide.mapArrays(Map.of("b", b), Map.of("a", 1))) {
            assertEquals(Set.of(0, 4500), columns.errors().keySet());
            assertEquals(4500L, columns.errors().get(4500).data().get("row"));
            assertEquals("ZeroDivisionError", columns.errors().get(0).data().get("type"));
            assertEquals(0, columns.array("whole").toLongs()[4500]);
            assertEquals(Double.NaN, columns.array("rest").toDoubles()[4500]);
            assertEquals(0, columns.array("even").toBytes()[4500]);
            assertEquals(1, columns.array("whole").toLongs()[4501]);
        }
        b[0] = 1;
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> divide.mapArraysOrThrow(Map.of("b", b), Map.of("a", 1)));
        assertEquals(4500L, failure.data().get("row"));
    }

    @Test
    void whatNoArrayHoldsIsAList() {
        Op widen = bench.op("widen", OPS);
        try (Columns columns = widen.mapArrays(Map.of("value", LongStream.range(0, 6000).toArray()), Map.of())) {
            List<?> values = assertInstanceOf(List.class, columns.column("result"));
            assertEquals(6000, values.size());
            assertEquals(4999L, values.get(4999));
            assertEquals(new java.math.BigInteger("18446744073709556616"), values.get(5000));
            assertThrows(IllegalArgumentException.class, () -> columns.array("result"));
        }
    }

    @Test
    void elementsOfEveryTypeArrive() {
        Op describe = bench.op("describe", OPS);
        List<Object> given = List.of(
                new long[] {1, -2}, new int[] {1, -2}, new short[] {1, -2}, new byte[] {1, -2}, new double[] {1, -2},
                new float[] {1, -2}, new boolean[] {true, false});
        for (Object elements : given) {
            try (Columns columns = describe.mapArrays(Map.of("value", elements), Map.of())) {
                boolean isFloat = elements instanceof double[] || elements instanceof float[];
                List<String> numbers = isFloat ? List.of("1.0", "-2.0") : List.of("1", "-2");
                assertEquals(elements instanceof boolean[] ? List.of("True", "False") : numbers, columns.column("result"));
            }
        }
    }

    @Test
    void noRowsGiveEmptyColumns() {
        try (Columns columns = bench.op("divide", OPS).mapArrays(Map.of("a", new long[0], "b", new long[0]), Map.of())) {
            assertEquals(0, columns.array("whole").size());
            assertEquals(DType.FLOAT64, columns.array("rest").dtype());
        }
    }

    @Test
    void whatIsWrongForAllRowsIsSaidBeforeAnythingIsSent() {
        Alcove alcove = bench.open();
        Op divide = bench.op(alcove, "divide", OPS);
        try (SharedArray square = alcove.allocate(DType.INT64, List.of(), 2, 2)) {
            record Wrong(Map<String, ?> columns, Map<String, ?> common, String path) {}
            for (Wrong wrong : List.of(
                    new Wrong(Map.of(), Map.of("a", 1, "b", 1), "columns"),
                    new Wrong(Map.of("a", square), Map.of("b", 1), "columns.a"),
                    new Wrong(Map.of("a", List.of(1)), Map.of("b", 1), "columns.a"),
                    new Wrong(Map.of("a", new long[2]), Map.of(), "inputs.b"),
                    new Wrong(Map.of("c", new long[2]), Map.of("a", 1, "b", 1), "inputs.c"),
                    new Wrong(Map.of("a", new long[2]), Map.of("a", 1, "b", 1), "columns"))) {
                AlcoveException failure = assertThrows(
                        AlcoveException.class, () -> divide.mapArrays(wrong.columns, wrong.common), wrong::toString);
                assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
                assertEquals(wrong.path, failure.data().get("path"));
            }
            Map<String, Object> unequal = new java.util.TreeMap<>(Map.of("a", new long[2], "b", new long[3]));
            AlcoveException failure = assertThrows(AlcoveException.class, () -> divide.mapArrays(unequal, Map.of()));
            assertEquals("columns.b", failure.data().get("path"));
        }
    }

    @Test
    void theDeadlineIsThatOfEachRow() {
        Op hang = bench.op("hang", OPS).within(Duration.ofSeconds(2));
        long[] values = LongStream.range(0, 10_000).toArray();
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> hang.mapArrays(Map.of("value", values), Map.of()));
        assertEquals(ErrorKind.DEADLINE_EXCEEDED, failure.kind());
        assertEquals(6000L, failure.data().get("row"), "the one that hangs, although its request has thousands");
        Arrays.fill(values, 1);
        hang.mapArrays(Map.of("value", values), Map.of()).close();
    }
}
